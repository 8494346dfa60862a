package io.terway.node.commit;

import io.terway.node.ledger.BootTime;
import java.time.Duration;

/**
 * Rule 11: how far a booted agent's own chooser trusts its ledger. While the node was down its addresses may have been given
 * to others, or its disk replaced by an older copy, which says nothing of what was withdrawn since. Instance metadata knows.
 */
public final class AfterBoot {

    /** For ipam-service to compare a ledger it welcomed with the cloud, and to withdraw what is not there. */
    public static final Duration COMPARED_WITHIN = Duration.ofMinutes(2);

    private AfterBoot() {}

    /**
     * True when only what instance metadata lists may be chosen.
     *
     * @param confirmed ipam-service has welcomed the ledger in this boot
     */
    public static boolean doubts(boolean confirmed, BootTime now) {
        return !confirmed || now.sinceBoot().compareTo(COMPARED_WITHIN) < 0;
    }
}
