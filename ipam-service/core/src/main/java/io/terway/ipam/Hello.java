package io.terway.ipam;

import io.terway.net.InstanceType;
import io.terway.net.ZoneId;
import java.time.Duration;
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
 * @param sinceBoot how long its kernel has been up
 * @param rebuilding its ledger is made anew, of its kernel and of our last view
 */
public record Hello(
        NodeIdentity identity,
        String bootId,
        long highestTerm,
        long ledgerSequence,
        ZoneId zone,
        InstanceType type,
        Duration sinceBoot,
        boolean rebuilding) {

    /** What an agent that does not tell is taken for: nothing of a former boot cools down any more. */
    public static final Duration LONG_AGO = Duration.ofDays(1);

    /** With a ledger that was kept. */
    public Hello(
            NodeIdentity identity,
            String bootId,
            long highestTerm,
            long ledgerSequence,
            ZoneId zone,
            InstanceType type,
            Duration sinceBoot) {
        this(identity, bootId, highestTerm, ledgerSequence, zone, type, sinceBoot, false);
    }

    /** Of a node that has been up for long. */
    public Hello(
            NodeIdentity identity,
            String bootId,
            long highestTerm,
            long ledgerSequence,
            ZoneId zone,
            InstanceType type) {
        this(identity, bootId, highestTerm, ledgerSequence, zone, type, LONG_AGO);
    }

    public Hello {
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(bootId, "bootId");
        Objects.requireNonNull(zone, "zone");
        Objects.requireNonNull(type, "type");
        if (sinceBoot.isNegative()) {
            throw new IllegalArgumentException("since_boot_ms of node " + identity.node() + " is negative");
        }
        if (highestTerm < 0 || ledgerSequence < 0) {
            throw new IllegalArgumentException(
                    "highest_term and ledger_sequence of node " + identity.node() + " must not be negative");
        }
    }
}
