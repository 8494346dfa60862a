package io.terway.agent.ledger;

import io.terway.node.ledger.Journal;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of the ledger. Not thread-safe: {@link Ledger} serialises.
 *
 * <p>Writes go through RandomAccessFile: a channel would be closed for good by an interrupt of the writing thread.
 */
final class LedgerFile implements AutoCloseable {

    private final Path path;
    private RandomAccessFile file;
    private long length;
    private int entries;

    private LedgerFile(Path path) {
        this.path = path;
    }

    /** Opens a file whose first {@code length} bytes count; what follows them was torn by a crash and is cut. */
    static LedgerFile open(Path path, long length, int entries) throws IOException {
        LedgerFile opened = new LedgerFile(path);
        opened.use(length, entries);
        return opened;
    }

    /** Makes the file anew, durably, in place of what was there. */
    static LedgerFile create(Path path, LedgerState state) throws IOException {
        LedgerFile created = new LedgerFile(path);
        created.rewrite(state);
        return created;
    }

    private void use(long wholeLength, int wholeEntries) throws IOException {
        file = new RandomAccessFile(path.toFile(), "rw");
        file.setLength(wholeLength);
        file.seek(wholeLength);
        length = wholeLength;
        entries = wholeEntries;
    }

    /** Adds a fact. After a failure the file is as before. */
    void append(LedgerEntry entry, boolean durably) throws IOException {
        byte[] record = Journal.record(entry);
        try {
            file.write(record);
            if (durably) {
                file.getFD().sync();
            }
        } catch (IOException e) {
            file.setLength(length);
            file.seek(length);
            throw e;
        }
        length += record.length;
        entries++;
    }

    boolean isLong() {
        return entries >= Journal.ENTRIES_PER_FILE;
    }

    /** Replaces the file by one that says what {@code state} says, in one step. */
    void rewrite(LedgerState state) throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".new");
        byte[] bytes = Journal.file(state);
        try (RandomAccessFile out = new RandomAccessFile(next.toFile(), "rw")) {
            out.setLength(0);
            out.write(bytes);
            out.getFD().sync();
        }
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
        close();
        use(bytes.length, 0);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
