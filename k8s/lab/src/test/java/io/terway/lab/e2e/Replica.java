package io.terway.lab.e2e;

import io.terway.eni.sim.EcsSimulator;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One process of the packaged eni-manager on the loopback, electing its leader at a real API server. */
final class Replica implements AutoCloseable {
    private static final Path APPLICATION = new File("../../eni-manager/service/target/quarkus-app").toPath();

    private final String address;
    private final Process process;

    private Replica(String address, Process process) {
        this.address = address;
        this.process = process;
    }

    static boolean built() {
        return Files.exists(APPLICATION.resolve("quarkus-run.jar"));
    }

    static Replica start(String name, EcsSimulator twin, Path kubeconfig, Path directory) {
        int port = freePort();
        String address = "127.0.0.1:" + port;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                "quarkus-run.jar"));
        ProcessBuilder builder = new ProcessBuilder(command).directory(APPLICATION.toFile());
        builder.environment().putAll(settings(port, address, twin, kubeconfig, directory));
        File log = directory.resolve(name + ".log").toFile();
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        try {
            return new Replica(address, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> settings(
            int port, String address, EcsSimulator twin, Path kubeconfig, Path directory) {
        Map<String, String> settings = new HashMap<>();
        settings.put("KUBECONFIG", kubeconfig.toString());
        settings.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        settings.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        settings.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        settings.put("QUARKUS_MANAGEMENT_PORT", "0");
        settings.put("TERWAY_CLUSTER_ID", "handover");
        settings.put("TERWAY_ADVERTISE", address);
        settings.put("TERWAY_STATE_DIR", directory.toString());
        settings.put("TERWAY_CALLERS_VERIFY", "false");
        settings.put("TERWAY_ECS_REGION", twin.scenario().region());
        settings.put("TERWAY_ECS_ENDPOINT", twin.endpoint());
        settings.put("TERWAY_ECS_PROTOCOL", "http");
        settings.put("TERWAY_RATE_LIMIT_ENI_CREATE_QPS", "50");
        settings.put("TERWAY_RATE_LIMIT_IP_ASSIGN_QPS", "50");
        settings.put("TERWAY_RATE_LIMIT_IP_UNASSIGN_QPS", "50");
        settings.put("ALIBABA_CLOUD_ACCESS_KEY_ID", twin.scenario().accessKey().id());
        settings.put(
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET", twin.scenario().accessKey().secret());
        return settings;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** host:port as it stands in the Lease. */
    String address() {
        return address;
    }

    /** SIGKILL: nothing is told to anybody. */
    void kill() {
        process.destroyForcibly();
        ended();
    }

    /** SIGTERM, as a rolling update sends it. */
    void stop() {
        process.destroy();
        ended();
    }

    private void ended() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("replica " + address + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        ended();
    }
}
