package io.terway.agent.ledger;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jboss.logging.Logger;

/** Keeps a second agent off the ledger, as long as this one lives. */
final class OwnerLock implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(OwnerLock.class);

    private final FileChannel file;

    private OwnerLock(FileChannel file) {
        this.file = file;
    }

    /** @throws LedgerUnusable when another agent has it */
    static OwnerLock take(Path path) throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (file.tryLock() != null) {
                return new OwnerLock(file);
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("this very process holds it", e);
        }
        file.close();
        throw new LedgerUnusable(path + " is locked: another agent of this node runs; stop it first", null);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
