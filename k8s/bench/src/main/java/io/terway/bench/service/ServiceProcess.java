package io.terway.bench.service;

import io.terway.bench.Command;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ipam-service as it is packaged, with mutual TLS and callers verified, and the heap that its container gives it. */
final class ServiceProcess implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(180);
    private static final double KIB_PER_MIB = 1024;
    /** Half of its container's memory, as its image has it. */
    private static final int HEAP_MIB = 384;

    private final Process process;
    private final int port;
    private final int management;

    private ServiceProcess(Process process, int port, int management) {
        this.process = process;
        this.port = port;
        this.management = management;
    }

    static ServiceProcess start(
            Path root, Path state, ModelApi api, int cloudPort, Optional<Certificates> certificates) {
        Path jar = root.resolve("ipam-service/service/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new Unmeasurable(
                    jar + " is not built; run ./mvnw -q -DskipTests -pl ipam-service/service -am package");
        }
        int port = freePort();
        int management = freePort();
        var builder = new ProcessBuilder(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx" + HEAP_MIB + "m",
                "-XX:+UseSerialGC",
                "-Xlog:gc:file=" + state.resolve("gc.log"),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                jar.toString()));
        builder.environment()
                .putAll(Map.ofEntries(
                        Map.entry("QUARKUS_PROFILE", certificates.isPresent() ? "prod,mtls" : "prod"),
                        Map.entry("QUARKUS_HTTP_HOST", "127.0.0.1"),
                        Map.entry("QUARKUS_HTTP_PORT", String.valueOf(port)),
                        Map.entry("QUARKUS_MANAGEMENT_HOST", "127.0.0.1"),
                        Map.entry("QUARKUS_MANAGEMENT_PORT", String.valueOf(management)),
                        Map.entry("QUARKUS_KUBERNETES_CLIENT_API_SERVER_URL", api.url()),
                        Map.entry("QUARKUS_KUBERNETES_CLIENT_NAMESPACE", "kube-system"),
                        Map.entry("TERWAY_ADVERTISE", "127.0.0.1:" + port),
                        Map.entry("TERWAY_STATE_DIR", state.toString()),
                        Map.entry("TERWAY_ENI_MANAGER", "127.0.0.1:" + cloudPort)));
        certificates.ifPresent(files -> builder.environment()
                .putAll(Map.of(
                        "TERWAY_TLS_CERTIFICATE", files.certificate().toString(),
                        "TERWAY_TLS_KEY", files.key().toString(),
                        "TERWAY_TLS_AUTHORITY", files.authority().toString())));
        try {
            Files.createDirectories(state);
            builder.redirectErrorStream(true)
                    .redirectOutput(state.resolve("log").toFile());
            return new ServiceProcess(builder.start(), port, management);
        } catch (IOException e) {
            throw new Unmeasurable("ipam-service does not start: " + e.getMessage());
        }
    }

    int port() {
        return port;
    }

    /** Waits until it leads and has its first lists, or stands by. */
    void awaitReady() {
        try (HttpClient http = HttpClient.newHttpClient()) {
            long end = System.nanoTime() + START.toNanos();
            while (System.nanoTime() < end && process.isAlive()) {
                if (answers(http)) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new Unmeasurable(
                "ipam-service was not ready in " + START.toSeconds() + " s; its log is in its directory");
    }

    private boolean answers(HttpClient http) throws InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(
                                                    URI.create("http://127.0.0.1:" + management + "/health/ready"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Heap in use after a full collection. */
    double heapMiB() {
        jcmd("GC.run");
        double kib = 0;
        // "DefNew total 123K, used 45K" and the same of Tenured.
        Matcher used = Pattern.compile("(?:DefNew|Tenured)\\s+total \\d+K, used (\\d+)K")
                .matcher(jcmd("GC.heap_info"));
        int generations = 0;
        for (; used.find(); generations++) {
            kib += Double.parseDouble(used.group(1));
        }
        if (generations != 2) {
            throw new Unmeasurable("the heap is not told as it was; jcmd GC.heap_info has " + generations
                    + " generations instead of two");
        }
        return kib / KIB_PER_MIB;
    }

    String jcmd(String command) {
        return Command.require(
                List.of(System.getProperty("java.home") + "/bin/jcmd", String.valueOf(process.pid()), command));
    }

    double residentMiB() {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / KIB_PER_MIB)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new Unmeasurable("ipam-service has died: " + e.getMessage());
        }
    }

    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** kill -9: nobody gives the Lease back. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new Unmeasurable("no free port: " + e.getMessage());
        }
    }
}
