package io.terway.lab.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One process of the packaged ipam-service on the loopback, a shard's leader or its standby. */
final class IpamReplica implements AutoCloseable {
    private static final Path APPLICATION = new File("../../ipam-service/service/target/quarkus-app").toPath();

    private final String address;
    private final Process process;

    private IpamReplica(String address, Process process) {
        this.address = address;
        this.process = process;
    }

    static boolean built() {
        return Files.exists(APPLICATION.resolve("quarkus-run.jar"));
    }

    static IpamReplica start(String name, int shard, String shards, Path kubeconfig, Path directory) {
        int port = freePort();
        String address = "127.0.0.1:" + port;
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-jar",
                        "quarkus-run.jar"))
                .directory(APPLICATION.toFile());
        Map<String, String> settings = new HashMap<>();
        settings.put("KUBECONFIG", kubeconfig.toString());
        settings.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        settings.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        settings.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        settings.put("QUARKUS_MANAGEMENT_PORT", "0");
        settings.put("TERWAY_ADVERTISE", address);
        settings.put("TERWAY_STATE_DIR", directory.resolve(name).toString());
        settings.put("TERWAY_CALLERS_VERIFY", "false");
        settings.put("TERWAY_SHARDS", shards);
        settings.put("TERWAY_SHARD", Integer.toString(shard));
        builder.environment().putAll(settings);
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve(name + ".log").toFile()));
        try {
            Files.createDirectories(directory.resolve(name));
            return new IpamReplica(address, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
