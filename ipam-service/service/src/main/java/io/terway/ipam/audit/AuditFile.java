package io.terway.ipam.audit;

import io.smallrye.reactive.messaging.annotations.Blocking;
import io.terway.ipam.config.IpamConfig;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** The audit channel's end: JSON lines in {@code audit.jsonl}, rotated by size, so many closed files kept. */
@ApplicationScoped
public class AuditFile {

    private static final Logger LOG = Logger.getLogger(AuditFile.class);

    private final Path directory;
    private final long maxBytes;
    private final int maxFiles;
    private OutputStream out;
    private long written;
    private boolean failing;

    AuditFile(IpamConfig config) {
        directory = config.stateDir().resolve("audit");
        maxBytes = config.audit().maxFileBytes();
        maxFiles = config.audit().maxFiles();
    }

    /** One line at a time, on one worker thread. A full disk loses lines, never a bind. */
    @Incoming(AuditTrail.CHANNEL)
    @Blocking
    public void append(AuditLine line) {
        byte[] bytes = (line.json() + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (out == null) {
                open();
            }
            out.write(bytes);
            written += bytes.length;
            failing = false;
            if (written >= maxBytes) {
                rotate();
            }
        } catch (IOException e) {
            if (!failing) {
                LOG.errorf("audit lines are not written to %s: %s", directory, e.getMessage());
            }
            failing = true;
        }
    }

    @PreDestroy
    void close() {
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException e) {
            LOG.warnf("audit file was not closed: %s", e.getMessage());
        }
    }

    private void open() throws IOException {
        Files.createDirectories(directory);
        Path current = directory.resolve("audit.jsonl");
        out = Files.newOutputStream(current, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        written = Files.size(current);
    }

    private void rotate() throws IOException {
        out.close();
        out = null;
        for (int number = maxFiles - 1; number >= 1; number--) {
            Path from = closed(number);
            if (Files.exists(from)) {
                Files.move(from, closed(number + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(directory.resolve("audit.jsonl"), closed(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path closed(int number) {
        return directory.resolve("audit." + number + ".jsonl");
    }
}
