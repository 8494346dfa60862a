package io.terway.node.commit;

import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import java.time.Duration;

/**
 * Rule 11: how far a booted agent trusts its ledger, whoever chooses. While the node was down its addresses may have been
 * given to others, or its disk replaced by an older copy, which says nothing of what was withdrawn since. Instance metadata
 * knows; a leader that has not seen the instance yet does not, and proposes what the ledger told it.
 *
 * @param confirmed ipam-service has welcomed the ledger in this boot
 * @param known the highest number in the ledger as the agent found it: what was offered since is on the node
 */
public record AfterBoot(boolean confirmed, long known) {

    /** For ipam-service to compare a ledger it welcomed with the cloud, and to withdraw what is not there. */
    public static final Duration COMPARED_WITHIN = Duration.ofMinutes(2);

    /** As an agent begins with this ledger. */
    public static AfterBoot of(LedgerState found, boolean confirmed) {
        return new AfterBoot(confirmed, found.highestNumber());
    }

    /** After a welcome of ipam-service. */
    public AfterBoot welcomed() {
        return new AfterBoot(true, known);
    }

    /** True when of what the agent found only that may be used which instance metadata lists. */
    public boolean doubts(BootTime now) {
        return !confirmed || now.sinceBoot().compareTo(COMPARED_WITHIN) < 0;
    }

    /** True when this address may be used whatever instance metadata says. */
    public boolean trusts(OfferedAddress address, BootTime now) {
        return address.number() > known || !doubts(now);
    }
}
