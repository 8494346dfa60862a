package io.terway.ipam;

import io.terway.net.InstanceType;
import io.terway.net.ZoneId;
import java.util.Objects;

/**
 * How an agent opens its session.
 *
 * @param identity who it says it is
 * @param bootId the kernel's boot id
 * @param highestTerm highest term it has persisted, 0 before its first session
 * @param ledgerSequence its newest ledger entry
 * @param zone from instance metadata
 * @param type from instance metadata
 */
public record Hello(
        NodeIdentity identity, String bootId, long highestTerm, long ledgerSequence, ZoneId zone, InstanceType type) {

    public Hello {
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(bootId, "bootId");
        Objects.requireNonNull(zone, "zone");
        Objects.requireNonNull(type, "type");
        if (highestTerm < 0 || ledgerSequence < 0) {
            throw new IllegalArgumentException(
                    "highest_term and ledger_sequence of node " + identity.node() + " must not be negative");
        }
    }
}
