package io.terway.eni.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The state of a single run without Kubernetes. */
public final class FileState implements StateStore {

    private final Path file;

    /** @throws UncheckedIOException when the directory cannot be made */
    public FileState(Path stateDir) {
        file = stateDir.resolve("state");
        try {
            Files.createDirectories(stateDir);
        } catch (IOException e) {
            throw new UncheckedIOException("terway.state-dir " + stateDir + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public Saved load() {
        try {
            return new Saved(Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "", "");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Saved save(Saved next) {
        Path fresh = file.resolveSibling("state.new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(next.text());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return next;
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
