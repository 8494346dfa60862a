package io.terway.bench.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.bench.Unmeasurable;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The twin as people start it. */
final class TwinProcess implements AutoCloseable {

    private static final double KIBIBYTES_PER_MEBIBYTE = 1024;

    private final Process process;
    private final JsonNode banner;

    private TwinProcess(Process process, JsonNode banner) {
        this.process = process;
        this.banner = banner;
    }

    static TwinProcess start(Path root, Path scenario) throws IOException {
        Path jar = root.resolve("eni-manager/simulator/target/ecs-simulator.jar");
        if (!Files.exists(jar)) {
            throw new Unmeasurable(
                    jar + " is not built; run ./mvnw -q -DskipTests -pl eni-manager/simulator -am package");
        }
        Process process = new ProcessBuilder(List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx512m",
                        "-jar",
                        jar.toString(),
                        "--scenario",
                        scenario.toString(),
                        "--latencies",
                        "none",
                        "--unlimited"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        // A JVM with tool options speaks first.
        while (line != null && !line.startsWith("{")) {
            line = out.readLine();
        }
        if (line == null) {
            throw new Unmeasurable("the twin did not start; its message is above");
        }
        return new TwinProcess(process, new ObjectMapper().readTree(line));
    }

    String text(String field) {
        return banner.path(field).asText();
    }

    int port() {
        return Integer.parseInt(text("endpoint").replaceAll(".*:", ""));
    }

    /** Time it spent on a processor, whoever else was there. */
    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    double residentMebibytes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / KIBIBYTES_PER_MEBIBYTE)
                    .findFirst()
                    .orElse(0);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
