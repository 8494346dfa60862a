package io.terway.link;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;

/**
 * Lines of text in {@code NAME.jsonl}. When it is full, or has grown old, it becomes {@code NAME.1.jsonl}, the older ones
 * move up and the oldest is deleted; so is any that was closed longer than the retention ago. Disk use is at most
 * {@code (maxFiles + 1) * maxBytes} and one line, whatever the retention asks for. One thread at a time.
 */
public final class RotatingLines implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(RotatingLines.class);

    private final Path dir;
    private final String name;
    private final Limits limits;
    private long linesUntilSweep;
    private OutputStream out;
    private long written;
    private Instant begun = Instant.EPOCH;
    private boolean failing;

    /**
     * How much is kept.
     *
     * @param maxBytes a file is closed when it has grown beyond this
     * @param maxFiles closed files kept
     * @param retention how long a line is kept, room permitting
     */
    public record Limits(long maxBytes, int maxFiles, Duration retention) {
        public Limits {
            if (maxBytes < 1 || maxFiles < 1 || retention.compareTo(Duration.ofDays(1)) < 0) {
                throw new IllegalArgumentException("terway.audit.max-file-bytes and max-files must be at least 1 and"
                        + " retention-days at least 1, not " + maxBytes + ", " + maxFiles + " and "
                        + retention.toDays());
            }
        }

        /** Longest time that one file covers, so that all together cover the retention. */
        private Duration span() {
            return retention.dividedBy(maxFiles);
        }
    }

    public RotatingLines(Path dir, String name, Limits limits) {
        this.dir = dir;
        this.name = name;
        this.limits = limits;
    }

    /** As {@link #append}, for lines that may be lost: a full disk is said once in the log, until a line fits again. */
    public void appendOrLose(String line, Instant now) {
        try {
            append(line, now);
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.errorf("%s lines are not written to %s: %s", name, dir, e.getMessage());
            }
            failing = true;
        }
    }

    /** Appends one line, given without its end; it is in the page cache on return. */
    public void append(String line, Instant now) throws IOException {
        if (out == null) {
            open(now);
        }
        if (written >= limits.maxBytes()
                || (written > 0 && Duration.between(begun, now).compareTo(limits.span()) > 0)) {
            close();
            rotate(current());
            open(now);
        }
        if (linesUntilSweep-- <= 0) {
            linesUntilSweep = 1_000;
            sweep(now);
        }
        byte[] bytes = (line + '\n').getBytes(StandardCharsets.UTF_8);
        try {
            out.write(bytes);
            written += bytes.length;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void open(Instant now) throws IOException {
        Files.createDirectories(dir);
        out = Files.newOutputStream(current(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        BasicFileAttributes file = Files.readAttributes(current(), BasicFileAttributes.class);
        written = file.size();
        begun = written == 0 ? now : file.creationTime().toInstant();
    }

    /** Closes the file; the next line opens it again. */
    @Override
    public void close() throws IOException {
        OutputStream was = out;
        out = null;
        if (was != null) {
            was.close();
        }
    }

    private Path current() {
        return dir.resolve(name + ".jsonl");
    }

    private void rotate(Path current) throws IOException {
        for (int number = limits.maxFiles() - 1; number >= 1; number--) {
            Path older = closed(number);
            if (Files.exists(older)) {
                Files.move(older, closed(number + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(current, closed(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private void sweep(Instant now) throws IOException {
        Instant oldest = now.minus(limits.retention());
        for (int number = 1; number <= limits.maxFiles(); number++) {
            Path file = closed(number);
            if (Files.exists(file)
                    && Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
                Files.delete(file);
            }
        }
    }

    private Path closed(int number) {
        return dir.resolve(name + "." + number + ".jsonl");
    }
}
