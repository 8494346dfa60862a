package io.terway.node.ledger;

import java.io.IOException;
import java.nio.file.Path;

/** The bytes of the ledger. Not thread-safe: its owner serialises. */
public final class LedgerFile implements AutoCloseable {

    private final Path path;
    private final Disk disk;
    private Disk.Handle file;
    private long length;
    private int entries;

    /** A failed write may have left bytes that could not be cut: a record after them would look like damage. */
    private boolean torn;

    /** After a power loss the name may lead to the file before: nothing may be promised on this one until it does not. */
    private boolean renameAtRisk;

    private LedgerFile(Path path, Disk disk) {
        this.path = path;
        this.disk = disk;
    }

    /** Opens a file whose first {@code length} bytes count; what follows them was torn by a crash and is cut. */
    public static LedgerFile open(Path path, Disk disk, long length, int entries) throws IOException {
        LedgerFile opened = new LedgerFile(path, disk);
        opened.file = disk.open(path);
        opened.length = length;
        opened.entries = entries;
        opened.cut();
        return opened;
    }

    /** Makes the file anew, durably, in place of what was there. */
    public static LedgerFile create(Path path, Disk disk, LedgerState state) throws IOException {
        LedgerFile created = new LedgerFile(path, disk);
        created.rewrite(state);
        return created;
    }

    /** Adds a fact. After a failure the file says what it said before, or takes no more until it can be made to. */
    public void append(LedgerEntry entry, boolean durably) throws IOException {
        if (torn) {
            cut();
        }
        if (durably && renameAtRisk) {
            secureRename();
        }
        byte[] record = Journal.record(entry);
        try {
            file.write(record);
            if (durably) {
                file.sync();
            }
        } catch (IOException e) {
            torn = true;
            try {
                cut();
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        length += record.length;
        entries++;
    }

    private void cut() throws IOException {
        file.truncate(length);
        torn = false;
    }

    public boolean isLong() {
        return entries >= Journal.ENTRIES_PER_FILE;
    }

    /** Replaces the file by one that says what {@code state} says, in one step. */
    public void rewrite(LedgerState state) throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".new");
        byte[] bytes = Journal.file(state);
        Disk.Handle fresh = disk.open(next);
        try {
            fresh.truncate(0);
            fresh.write(bytes);
            fresh.sync();
            disk.move(next, path);
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
        // From here on the name leads to the fresh file, whatever else fails: what is appended to the old one is lost.
        Disk.Handle old = file;
        file = fresh;
        length = bytes.length;
        entries = 0;
        torn = false;
        renameAtRisk = true;
        release(old);
        secureRename();
    }

    private static void release(Disk.Handle old) {
        try {
            if (old != null) {
                old.close();
            }
        } catch (IOException e) { // nothing is lost with a file that was replaced
        }
    }

    private void secureRename() throws IOException {
        disk.syncDirectory(path.getParent());
        renameAtRisk = false;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
