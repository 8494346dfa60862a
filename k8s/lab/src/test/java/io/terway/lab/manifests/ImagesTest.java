package io.terway.lab.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The images: one recipe per component of the manifests, and a script that says what it lacks. */
class ImagesTest {

    private static final Path IMAGES = Kustomized.ROOT.resolve("k8s/images");

    @TempDir
    Path directory;

    @Test
    void everyImageOfTheManifestsHasARecipe() throws IOException {
        Set<String> images = new TreeSet<>();
        Kustomized.of("k8s/overlays/simulator").workloads().stream()
                .flatMap(workload -> Kustomized.containers(workload).stream())
                .map(container -> container.path("image").asText())
                .forEach(image -> images.add(image.replaceAll("^terway/|:.*$", "")));
        assertEquals(Set.of("node-agent", "ipam-service", "eni-manager", "policy-service", "ecs-simulator"), images);
        for (String image : images) {
            assertTrue(Files.exists(IMAGES.resolve(image).resolve("Dockerfile")), image);
            assertTrue(
                    image.equals("ecs-simulator")
                            || Files.exists(IMAGES.resolve(image).resolve("Dockerfile.native")),
                    image);
        }
    }

    @Test
    void recipesExposeThePortsOfTheParts() throws IOException {
        for (SourceFacts part : SourceFacts.PARTS) {
            String image = part.folder().replaceAll("/service$|/agent$", "");
            String recipe = Files.readString(IMAGES.resolve(image).resolve("Dockerfile"));
            String management = part.properties().getProperty("quarkus.management.port");
            assertTrue(recipe.lines().anyMatch(line -> line.matches("EXPOSE .*\\b" + management + "\\b.*")), image);
        }
    }

    @Test
    void missingToolsAreNamedInOneLine() throws IOException {
        for (String tool : List.of("bash", "dirname", "cat", "id")) {
            Files.createSymbolicLink(directory.resolve(tool), Path.of("/usr/bin", tool));
        }
        Command.Result result = Command.run(
                directory,
                List.of(
                        "/usr/bin/env",
                        "PATH=" + directory,
                        "bash",
                        IMAGES.resolve("build").toString()));
        assertEquals(1, result.code());
        assertEquals(1, result.error().lines().count(), result.error());
        assertTrue(result.error().contains("apt-get install mmdebstrap buildah"), result.error());
    }

    @Test
    void aTagThatNamesNoVersionIsRefused() {
        Command.Result result =
                Command.run(directory, List.of(IMAGES.resolve("build").toString(), "--tag", "latest"));
        assertEquals(2, result.code());
        assertTrue(result.error().startsWith("images: the tag 'latest'"), result.error());
    }
}
