package io.terway.link;

import java.util.Optional;

/** Where the Lease lives: the API server, or a model of it in tests. Calls block; an I/O failure is an unchecked exception. */
public interface LeaseStore {

    /** The Lease as it is now; empty when there is none. */
    Optional<LeaseRecord> read();

    /**
     * Writes {@code next}, guarded by its version; an empty version creates the Lease.
     *
     * @return the stored record with its new version; empty when somebody else wrote first
     */
    Optional<LeaseRecord> write(LeaseRecord next);
}
