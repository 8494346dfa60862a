package io.terway.eni.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * JSON lines in {@code audit.jsonl}; when it is full it becomes {@code audit.1.jsonl}, the older ones move up, and the
 * oldest is deleted. Disk use is at most {@code (maxFiles + 1) * maxBytes} and one event. One thread at a time.
 */
public final class AuditFile {

    private final Path dir;
    private final long maxBytes;
    private final int maxFiles;

    public AuditFile(Path dir, long maxBytes, int maxFiles) {
        if (maxBytes < 1 || maxFiles < 1) {
            throw new IllegalArgumentException("terway.audit.max-file-bytes and max-files must be at least 1, not "
                    + maxBytes + " and " + maxFiles);
        }
        this.dir = dir;
        this.maxBytes = maxBytes;
        this.maxFiles = maxFiles;
    }

    /** Appends one event; it is in the page cache on return. */
    public void append(AuditEvent event) throws IOException {
        Files.createDirectories(dir);
        Path current = dir.resolve("audit.jsonl");
        if (size(current) >= maxBytes) {
            rotate(current);
        }
        byte[] line = (event.toJson() + '\n').getBytes(StandardCharsets.UTF_8);
        Files.write(current, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException none) {
            return 0;
        }
    }

    private void rotate(Path current) throws IOException {
        for (int number = maxFiles - 1; number >= 1; number--) {
            Path older = closed(number);
            if (Files.exists(older)) {
                Files.move(older, closed(number + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(current, closed(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path closed(int number) {
        return dir.resolve("audit." + number + ".jsonl");
    }
}
