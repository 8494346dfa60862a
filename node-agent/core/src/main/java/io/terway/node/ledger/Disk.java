package io.terway.node.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** Port: the file operations whose failure the ledger must survive. The file system in production; a brittle and a
 * simulated one in tests. */
public interface Disk {

    /** An open file; writes go on where the last one, or {@link #truncate}, ended. */
    interface Handle extends Closeable {

        void write(byte[] bytes) throws IOException;

        /** Cuts the file to a length and goes there. */
        void truncate(long length) throws IOException;

        /** fsync. */
        void sync() throws IOException;
    }

    /** Opens for writing at the start; makes the file if need be. */
    Handle open(Path path) throws IOException;

    /** Replaces {@code to} in one step. */
    void move(Path from, Path to) throws IOException;

    /** fsync of a directory: what was moved there is found after a power loss. */
    void syncDirectory(Path directory) throws IOException;
}
