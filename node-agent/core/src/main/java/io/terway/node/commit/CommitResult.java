package io.terway.node.commit;

import io.terway.net.Ip;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.LedgerEntry;

/** What the commit says to a proposal. */
public sealed interface CommitResult {

    /** The sandbox may have them once {@code entry} is in the ledger. */
    record Committed(LedgerEntry.Bound entry) implements CommitResult {}

    /** The sandbox holds addresses already; the proposal is not needed. */
    record AlreadyHeld(Binding binding) implements CommitResult {}

    /** Not this address; propose another. */
    record Refused(Ip ip, Refusal why) implements CommitResult {}

    /** The proposal does not answer the claim. */
    record Unfit(String why) implements CommitResult {}
}
