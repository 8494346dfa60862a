package io.terway.eni.operation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The highest term of ipam-service ever seen, on disk (rule 3): what an earlier leader still sends is refused. Any thread. */
public final class TermFence {

    private final Path file;
    private long highest; // guarded by this

    /** A caller whose term is over. */
    public static final class Stale extends RuntimeException {

        private static final long serialVersionUID = 1;

        private final long seen;

        Stale(long term, long seen) {
            super(
                    "term " + term + " of ipam-service is over: term " + seen + " was seen; look for the new leader",
                    null,
                    false,
                    false);
            this.seen = seen;
        }

        /** The highest term seen. */
        public long seen() {
            return seen;
        }
    }

    /** @throws UncheckedIOException when the directory cannot be read or written */
    public TermFence(Path stateDir) {
        file = stateDir.resolve("ipam.term");
        try {
            Files.createDirectories(stateDir);
            highest = Files.exists(file)
                    ? Long.parseLong(
                            Files.readString(file, StandardCharsets.UTF_8).strip())
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("terway.state-dir " + stateDir + " cannot be used: " + e.getMessage(), e);
        } catch (NumberFormatException e) {
            throw new UncheckedIOException(
                    file + " holds no term; when no leader of an earlier term runs, remove it", new IOException(e));
        }
    }

    /**
     * Lets a request pass, after its term was written to the disk when it is a new one. 0 passes always: tools have none.
     *
     * @throws Stale when a higher one was seen
     * @throws UncheckedIOException when a new term cannot be written
     */
    public synchronized void check(long term) {
        if (term == 0 || term == highest) {
            return;
        }
        if (term < highest) {
            throw new Stale(term, highest);
        }
        try {
            Path fresh = file.resolveSibling("ipam.term.new");
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                channel.write(ByteBuffer.wrap((term + "\n").getBytes(StandardCharsets.UTF_8)));
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("term " + term + " cannot be written to " + file, e);
        }
        highest = term;
    }
}
