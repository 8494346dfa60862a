package io.terway.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README names files and types; each must exist. */
class ReadmeTest {
    private final String readme = read(Path.of("README.md"));

    @Test
    void everyFileThatTheReadmeNamesExists() {
        List<String> missing = matches("`(src/[^`]+)`")
                .filter(path -> !Files.exists(Path.of(path)))
                .toList();

        assertEquals(List.of(), missing);
    }

    @Test
    void everyPackageThatTheReadmeNamesExists() {
        List<String> missing = matches("`(io\\.terway\\.lab\\.[a-z]+)`")
                .filter(name -> !Files.isDirectory(Path.of("src/main/java", name.replace('.', '/'))))
                .toList();

        assertEquals(List.of(), missing);
    }

    @Test
    void everyTypeThatTheReadmeNamesExists() throws IOException {
        List<String> types;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            types = files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .toList();
        }

        List<String> missing = matches("`([A-Z][a-z]+[A-Z]?[A-Za-z]*)`")
                .filter(name ->
                        readme.substring(readme.indexOf("## How it is made")).contains("`" + name + "`"))
                .filter(name -> !types.contains(name))
                .toList();

        assertEquals(List.of(), missing);
    }

    @Test
    void everyCommandIsDescribed() {
        for (String command : List.of(
                "deps",
                "demo",
                "up",
                "status",
                "env",
                "logs",
                "down",
                "run",
                "apply",
                "pod add",
                "pod exec",
                "pod check",
                "pod del",
                "kill",
                "start",
                "train",
                "fault")) {
            assertTrue(readme.contains("`lab " + command), () -> "README.md does not describe lab " + command);
        }
    }

    private Stream<String> matches(String pattern) {
        return Pattern.compile(pattern).matcher(readme).results().map(result -> result.group(1));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
