package io.terway.node.ledger;

import io.terway.net.PodRef;
import java.util.Objects;

/**
 * One life of a pod: its name, and the UID that tells it from others of that name.
 *
 * @param uid metadata.uid; empty when the runtime did not pass it on
 */
public record PodLife(PodRef ref, String uid) {

    private static final int MAX_UID = 128;

    public PodLife {
        Objects.requireNonNull(ref, "ref");
        if (uid.length() > MAX_UID) {
            throw new IllegalArgumentException(
                    "UID of " + ref + " has " + uid.length() + " characters, at most " + MAX_UID + " are allowed");
        }
    }

    /** True when both UIDs are known and equal, and the names are. */
    public boolean isSameLife(PodLife other) {
        return !uid.isEmpty() && equals(other);
    }

    @Override
    public String toString() {
        return uid.isEmpty() ? ref.toString() : ref + " (" + uid + ")";
    }
}
