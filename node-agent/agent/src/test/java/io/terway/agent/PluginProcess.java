package io.terway.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The real plugin binary, executed as a container runtime does. */
final class PluginProcess {

    static final String CONFIG = "{\"cniVersion\":\"%s\",\"name\":\"terway\",\"type\":\"terway\"%s}";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path program;
    private final Path socket;
    private final Path spool;

    /** What came out. */
    record Outcome(int exit, String output) {

        JsonNode json() {
            try {
                return JSON.readTree(output);
            } catch (IOException e) {
                throw new AssertionError("no JSON: " + output, e);
            }
        }

        /** 0 for success, else the code of the error object. */
        int code() {
            return exit == 0 ? 0 : json().path("code").asInt(-1);
        }
    }

    PluginProcess(Path directory, Path socket) throws IOException {
        this.program = directory.resolve("terway");
        this.socket = socket;
        this.spool = directory.resolve("spool");
        try (InputStream in = PluginProcess.class.getResourceAsStream("/io/terway/plugin/terway")) {
            Files.copy(in, program);
        }
        program.toFile().setExecutable(true);
    }

    static String config(String version, String more) {
        return CONFIG.formatted(version, more);
    }

    /** A call for {@code container} of the pod of the same name; null removes a variable. */
    static Map<String, String> environment(String verb, String container, Path netns) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CNI_COMMAND", verb);
        environment.put("CNI_CONTAINERID", container);
        environment.put("CNI_NETNS", netns.toString());
        environment.put("CNI_IFNAME", "eth0");
        environment.put(
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=" + container + ";K8S_POD_UID=uid-"
                        + container);
        environment.put("CNI_PATH", "/opt/cni/bin");
        return environment;
    }

    Process start(Map<String, String> environment, byte[] stdin) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program.toString());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("TERWAY_CNI_SOCKET", socket.toString());
        builder.environment().put("TERWAY_CNI_SPOOL", spool.toString());
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(stdin);
        } catch (IOException refusedBeforeItsEnd) {
            return process;
        }
        return process;
    }

    Outcome run(Map<String, String> environment, String stdin) {
        return run(environment, stdin.getBytes(StandardCharsets.ISO_8859_1));
    }

    Outcome run(Map<String, String> environment, byte[] stdin) {
        try {
            return await(start(environment, stdin));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Outcome await(Process process) {
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while the plugin ran", e);
        }
    }
}
