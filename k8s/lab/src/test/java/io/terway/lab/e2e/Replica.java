package io.terway.lab.e2e;

import io.terway.eni.sim.EcsSimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One process of a packaged service on the loopback, electing its leader at a real API server. */
final class Replica implements AutoCloseable {

    private static final Path ENI_MANAGER = Path.of("../../eni-manager/service/target/quarkus-app");
    private static final Path IPAM_SERVICE = Path.of("../../ipam-service/service/target/quarkus-app");

    private final String address;
    private final Process process;

    private Replica(String address, Process process) {
        this.address = address;
        this.process = process;
    }

    static boolean builtEniManager() {
        return Files.exists(ENI_MANAGER.resolve("quarkus-run.jar"));
    }

    static boolean builtIpamService() {
        return Files.exists(IPAM_SERVICE.resolve("quarkus-run.jar"));
    }

    static Replica eniManager(String name, EcsSimulator twin, Path kubeconfig, Path directory) {
        return start(
                ENI_MANAGER,
                name,
                kubeconfig,
                directory,
                Map.ofEntries(
                        Map.entry("TERWAY_STATE_DIR", directory.toString()),
                        Map.entry("TERWAY_CLUSTER_ID", "handover"),
                        Map.entry("TERWAY_ECS_REGION", twin.scenario().region()),
                        Map.entry("TERWAY_ECS_ENDPOINT", twin.endpoint()),
                        Map.entry("TERWAY_ECS_PROTOCOL", "http"),
                        Map.entry("TERWAY_RATE_LIMIT_ENI_CREATE_QPS", "50"),
                        Map.entry("TERWAY_RATE_LIMIT_IP_ASSIGN_QPS", "50"),
                        Map.entry("TERWAY_RATE_LIMIT_IP_UNASSIGN_QPS", "50"),
                        Map.entry(
                                "ALIBABA_CLOUD_ACCESS_KEY_ID",
                                twin.scenario().accessKey().id()),
                        Map.entry(
                                "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
                                twin.scenario().accessKey().secret())));
    }

    /** A shard's leader or its standby. */
    static Replica ipamService(String name, int shard, String shards, Path kubeconfig, Path directory) {
        return start(
                IPAM_SERVICE,
                name,
                kubeconfig,
                directory,
                Map.of(
                        "TERWAY_STATE_DIR", directory.resolve(name).toString(),
                        "TERWAY_SHARDS", shards,
                        "TERWAY_SHARD", Integer.toString(shard)));
    }

    private static Replica start(
            Path application, String name, Path kubeconfig, Path directory, Map<String, String> settings) {
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
                .directory(application.toFile());
        builder.environment().putAll(settings);
        builder.environment()
                .putAll(Map.of(
                        "KUBECONFIG", kubeconfig.toString(),
                        "QUARKUS_HTTP_HOST", "127.0.0.1",
                        "QUARKUS_HTTP_PORT", Integer.toString(port),
                        "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                        "QUARKUS_MANAGEMENT_PORT", "0",
                        "TERWAY_ADVERTISE", address,
                        "TERWAY_CALLERS_VERIFY", "false"));
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve(name + ".log").toFile()));
        try {
            Files.createDirectories(Path.of(settings.get("TERWAY_STATE_DIR")));
            return new Replica(address, builder.start());
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
