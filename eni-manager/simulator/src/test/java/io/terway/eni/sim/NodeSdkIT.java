package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.eni.sim.cloud.Latencies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Official SDKs of another language, from the npm registry, against a twin over HTTP. */
class NodeSdkIT {

    private static final Path SOURCES = Path.of("src/test/node");
    private static final Path PLACE = Path.of("target/node");

    private record Outcome(int code, List<String> lines) {}

    @Test
    void bothGenerationsOfTheNodeSdkFindTheCloudTheyKnow() throws IOException, InterruptedException {
        requireTool("node");
        requireTool("npm");
        install();
        try (EcsSimulator twin = EcsSimulator.start(
                Scenario.standard(), Options.defaults().withLatencies(Latencies.quick()), VpcObserver.NONE)) {
            Endpoint at = Endpoint.of(twin);

            Outcome outcome = run("node", "drive.js", at.api(), at.accessKeyId(), at.accessKeySecret());

            assertEquals(
                    List.of(),
                    outcome.lines().stream()
                            .filter(line -> !line.endsWith("=true"))
                            .toList());
            assertEquals(11, outcome.lines().size(), outcome::toString);
        }
    }

    /** Once per clean build; without its scripts, since nothing of a package need run before it is used. */
    private static void install() throws IOException, InterruptedException {
        Files.createDirectories(PLACE);
        for (String file : List.of("package.json", "drive.js")) {
            Files.copy(SOURCES.resolve(file), PLACE.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        if (Files.exists(PLACE.resolve("node_modules/@alicloud/ecs20140526"))) {
            return;
        }
        Outcome outcome = run(
                "npm",
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefer-offline",
                "--fetch-retries=0");
        if (outcome.code() != 0) {
            Assumptions.abort("package: the npm registry does not answer and the SDKs are not in npm's cache");
        }
    }

    private static void requireTool(String tool) throws InterruptedException {
        try {
            run(tool, "--version");
        } catch (IOException e) {
            Assumptions.abort("package: needs " + tool + " (lab deps)");
        }
    }

    private static Outcome run(String... command) throws IOException, InterruptedException {
        Files.createDirectories(PLACE);
        Process process = new ProcessBuilder(command)
                .directory(PLACE.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        List<String> lines;
        try (var out = process.inputReader()) {
            lines = new ArrayList<>(out.lines().toList());
        }
        return new Outcome(process.waitFor(), lines);
    }
}
