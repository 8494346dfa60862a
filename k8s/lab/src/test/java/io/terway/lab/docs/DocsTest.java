package io.terway.lab.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents name files that exist. */
class DocsTest {

    private static final Path ROOT = root();
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    /** A path of this repository: starts with one of its folders, holds no blank, placeholder or pattern. */
    private static final Pattern PATH = Pattern.compile(
            "(?:\\./)?(?:(?:proto|ipam-service|eni-manager|policy-service|node-agent|k8s|\\.ci|\\.mvn)/[\\w./@-]+|[A-Z]+\\.md)");
    /** What a build makes is named by documents and absent from a clean checkout. */
    private static final Pattern BUILT = Pattern.compile(".*/target(/.*)?");

    @Test
    void everyPathNamedInADocumentExists() throws IOException {
        List<String> missing = new ArrayList<>();
        int seen = 0;
        for (Path document : documents()) {
            for (String path : pathsIn(Files.readString(document))) {
                seen++;
                boolean exists = Files.exists(ROOT.resolve(path))
                        || Files.exists(document.getParent().resolve(path));
                if (!exists && !BUILT.matcher(path).matches()) {
                    missing.add(ROOT.relativize(document) + " names " + path);
                }
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(seen > 20, "only " + seen + " paths were recognised in the documents");
    }

    @Test
    void theReadmeShowsBothCommandsAndStaysShort() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("README.md"));

        assertTrue(lines.stream().anyMatch(line -> line.startsWith("k8s/lab/lab demo")));
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("./mvnw verify")));
        assertTrue(lines.size() <= 250, lines.size() + " lines");
    }

    private static List<String> pathsIn(String text) {
        List<String> out = new ArrayList<>();
        CODE.matcher(text)
                .results()
                .forEach(code -> Stream.of(code.group(1).split("[\\s,]+"))
                        .filter(word -> PATH.matcher(word).matches())
                        .forEach(out::add));
        return out;
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("/target/")
                            && !file.toString().contains("/."))
                    .toList();
        }
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("mvnw"))) {
            here = here.getParent();
        }
        return here;
    }
}
