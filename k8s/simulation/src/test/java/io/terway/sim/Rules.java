package io.terway.sim;

import io.terway.ipam.NodeIdentity;
import io.terway.ipam.PoolCommand;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.commit.LedgerBook;
import io.terway.node.commit.Tombstones;
import io.terway.node.commit.Withdrawal;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.NodeConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The points at which a mutant breaks a protocol rule. As it stands, every rule holds. */
class Rules {

    /** Rules 1 and 6: fdatasync. */
    boolean syncWorks() {
        return true;
    }

    /** Rule 1: nothing is acknowledged that is not recorded. */
    Withdrawal withdraw(LedgerBook book, long number, List<Ip> addresses, List<EniId> enis, BootTime now)
            throws IOException {
        return book.withdraw(number, addresses, enis, now);
    }

    /** Rule 3: an agent hears the newest leader only. */
    boolean accepts(LedgerBook book, long term) throws IOException {
        return book.accepts(term);
    }

    /** Rule 3: eni-manager obeys the newest leader only. */
    boolean obeys(long term, long highest) {
        return term >= highest;
    }

    /** Rule 4: the agent runs the cool-down. */
    NodeConfig config(NodeConfig config) {
        return config;
    }

    /** Rule 5: an agent says which ledger it has. */
    NodeIdentity identity(NodeIdentity identity) {
        return identity;
    }

    /** Rule 6: the bind is written before the first kernel operation. */
    boolean bindsFirst() {
        return true;
    }

    /** Rule 6: the release is written after traffic was cut. */
    boolean cutsFirst() {
        return true;
    }

    /** Rule 7: an ADD does not outlive its DEL. */
    boolean refuses(Tombstones tombstones, SandboxKey key, Duration started) {
        return tombstones.refuses(key, started);
    }

    /** Rule 8: a late DEL touches nothing of the new life. */
    boolean isOfLaterLife(Binding held, Duration del, BootTime now) {
        return held.isOfLaterLifeThan(del, now);
    }

    /** Rule 9: what a silent node holds stays untouched. */
    boolean silenceIsNoConsent() {
        return true;
    }

    /** Rule 11: an agent uses only ENIs that its instance has. */
    boolean usesWhatIsThere() {
        return true;
    }

    /** Rule 11: after a boot a leader's proposal is checked like an own choice. */
    boolean believesLeaders() {
        return false;
    }

    /** Rule 12: the same operation keeps its id. */
    String operationId(long term, PoolCommand command, int attempt) {
        return "op-" + term + "-" + command.operation();
    }

    /** Rule 15: a DEL that reaches no agent is kept. */
    boolean spools() {
        return true;
    }

    /** The moment of the boot clock, and the boot it belongs to (rule 4). */
    BootTime clock(BootTime now) {
        return now;
    }
}
