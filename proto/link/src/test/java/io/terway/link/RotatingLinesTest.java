package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.link.RotatingLines.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RotatingLinesTest {

    private static final Duration HALF_A_YEAR = Duration.ofDays(180);

    @TempDir
    Path dir;

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void keepsNoMoreThanItsBoundOfBytesAndFiles() throws IOException {
        RotatingLines lines = new RotatingLines(dir, "audit", new Limits(100, 3, HALF_A_YEAR));
        for (int i = 0; i < 1_000; i++) {
            lines.append("{\"n\":" + i + "}", Instant.now());
        }

        assertEquals(List.of("audit.1.jsonl", "audit.2.jsonl", "audit.3.jsonl", "audit.jsonl"), files());
        for (String file : files()) {
            assertTrue(Files.size(dir.resolve(file)) <= 120, file);
        }
        assertTrue(Files.readString(dir.resolve("audit.jsonl")).contains("{\"n\":999}"));
    }

    @Test
    void aFileThatWasClosedBeforeTheRetentionIsDeleted() throws IOException {
        Files.writeString(dir.resolve("audit.2.jsonl"), "old\n");
        Instant now = Instant.now();
        Files.setLastModifiedTime(dir.resolve("audit.2.jsonl"), FileTime.from(now.minus(Duration.ofDays(181))));
        Files.writeString(dir.resolve("audit.1.jsonl"), "young\n");

        new RotatingLines(dir, "audit", new Limits(100, 3, HALF_A_YEAR)).append("{}", now);

        assertFalse(Files.exists(dir.resolve("audit.2.jsonl")));
        assertTrue(Files.exists(dir.resolve("audit.1.jsonl")));
    }

    @Test
    void aFileThatFillsSlowlyIsClosedInTimeForTheRetention() throws IOException {
        RotatingLines lines = new RotatingLines(dir, "audit", new Limits(1_000_000, 6, HALF_A_YEAR));
        lines.append("first", Instant.now());

        lines.append("a month later", Instant.now().plus(Duration.ofDays(31)));

        assertEquals("first\n", Files.readString(dir.resolve("audit.1.jsonl")));
        assertEquals("a month later\n", Files.readString(dir.resolve("audit.jsonl")));
    }

    @Test
    void aDiskThatTakesNothingLosesLinesAndTakesTheNextOnesWhenItIsMended() throws IOException {
        Path file = Files.createFile(dir.resolve("not-a-directory"));
        RotatingLines lines = new RotatingLines(file, "audit", new Limits(100, 3, HALF_A_YEAR));
        lines.appendOrLose("lost", Instant.now());
        Files.delete(file);

        lines.appendOrLose("kept", Instant.now());

        assertEquals("kept\n", Files.readString(file.resolve("audit.jsonl")));
    }

    @Test
    void whatIsThereAtAStartIsGoneOnWith() throws IOException {
        new RotatingLines(dir, "audit", new Limits(100, 3, HALF_A_YEAR)).append("first", Instant.now());

        new RotatingLines(dir, "audit", new Limits(100, 3, HALF_A_YEAR)).append("second", Instant.now());

        assertEquals("first\nsecond\n", Files.readString(dir.resolve("audit.jsonl")));
    }

    @Test
    void limitsThatKeepNothingAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Limits(100, 0, HALF_A_YEAR));
        assertThrows(IllegalArgumentException.class, () -> new Limits(100, 1, Duration.ZERO));
    }
}
