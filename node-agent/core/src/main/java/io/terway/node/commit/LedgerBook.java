package io.terway.node.commit;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Disk;
import io.terway.node.ledger.EniGroups;
import io.terway.node.ledger.Journal;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerFile;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The ledger's state with its file. A fact is written, then applied; a fact that cannot be written did not happen. Not
 * thread-safe: its owner serialises.
 */
public final class LedgerBook implements AutoCloseable {

    private final LedgerState state;
    private final LedgerFile file;

    private LedgerBook(LedgerState state, LedgerFile file) {
        this.state = state;
        this.file = file;
    }

    /** A new ledger, on disk when this returns. The one before it may have been lost with the power, or with the disk. */
    public static LedgerBook create(Path path, Disk disk, String ledgerId, BootTime now) throws IOException {
        LedgerState fresh = new LedgerState();
        fresh.apply(new LedgerEntry.Created(ledgerId));
        fresh.restAfterBoot(now);
        return new LedgerBook(fresh, LedgerFile.create(path, disk, fresh));
    }

    /** Goes on with what was found in a file; what was torn there is cut. */
    public static LedgerBook open(Path path, Disk disk, Journal.Recovery.Recovered found, BootTime now)
            throws IOException {
        found.state().restAfterBoot(now);
        return new LedgerBook(found.state(), LedgerFile.open(path, disk, found.length(), found.entries()));
    }

    /** A ledger made anew in place of the one before; on disk when this returns. */
    public static LedgerBook replace(Path path, Disk disk, LedgerState state) throws IOException {
        return new LedgerBook(state, LedgerFile.create(path, disk, state));
    }

    /** To look at; only this class changes it. */
    public LedgerState state() {
        return state;
    }

    /** Commits what a chooser proposed, if the ledger allows it. */
    public CommitResult commit(Claim claim, Proposal proposal, Predicate<OfferedAddress> there, BootTime now)
            throws IOException {
        return commit(claim, proposal, EniGroups.POOL, there, now);
    }

    /**
     * Likewise.
     *
     * @param groups whose security groups the pod has: once it is gone its ENI has them still
     * @param there what of the offered set is on the node for all we know (rule 11)
     */
    public CommitResult commit(
            Claim claim, Proposal proposal, EniGroups groups, Predicate<OfferedAddress> there, BootTime now)
            throws IOException {
        CommitResult result = Commit.decide(state, claim, proposal, there, now);
        if (result instanceof CommitResult.Committed(LedgerEntry.Bound entry)) {
            Optional<OfferedEni> eni = state.eni(entry.binding().eni())
                    .filter(_ -> proposal.attachment().takesWholeEni())
                    .filter(known -> known.groups() != groups && !(groups == EniGroups.POOL && isOfPool(known)));
            if (eni.isPresent()) {
                record(new LedgerEntry.Offered(List.of(eni.get().with(groups)), List.of()));
            }
            record(entry);
        }
        return result;
    }

    private static boolean isOfPool(OfferedEni eni) {
        return switch (eni.groups()) {
            case UNKNOWN, POOL -> true;
            case POD -> false;
        };
    }

    /**
     * Takes in that the runtime began the sandbox again, without a DEL that reached us: one that is still on its way, in
     * the spool for example, is about the life before.
     *
     * @return what the sandbox holds now; empty when the ADD is not later than the one known
     */
    public Optional<Binding> renew(SandboxKey key, BootTime asked) throws IOException {
        Optional<Binding> held = state.binding(key)
                .filter(binding -> asked.sinceBoot().compareTo(binding.at().sinceBoot()) > 0)
                .map(binding -> binding.renewed(asked, state.sequence() + 1));
        if (held.isPresent()) {
            record(new LedgerEntry.Bound(held.get()));
        }
        return held;
    }

    /** Gives back what the sandbox holds; empty when it holds nothing. See {@link LedgerEntry.Released}. */
    public Optional<Binding> release(SandboxKey key, BootTime now, boolean plumbed) throws IOException {
        Optional<Binding> binding = state.binding(key);
        if (binding.isPresent()) {
            record(new LedgerEntry.Released(key, now, plumbed));
        }
        return binding;
    }

    /** Withdraws what is free of these; the answer is on disk. */
    public Withdrawal withdraw(long number, List<Ip> addresses, List<EniId> enis, BootTime now) throws IOException {
        Withdrawal decided = Withdrawal.decide(state, number, addresses, enis, now);
        record(decided.entry());
        return decided;
    }

    /** Records a leader's term; false when a higher one has spoken (rule 3). */
    public boolean accepts(long term) throws IOException {
        if (term > state.term()) {
            record(new LedgerEntry.TermSeen(term));
        }
        return term == state.term();
    }

    /** Writes a fact and applies it. */
    public void record(LedgerEntry entry) throws IOException {
        file.append(entry, isPromise(entry));
        state.apply(entry);
    }

    /**
     * Others act on a promise, so it must survive a power loss (rule 6). What binds a sandbox need not: the sandbox does
     * not survive one either. A fixed address is known to the cluster as this pod's, so its binding is kept.
     */
    private static boolean isPromise(LedgerEntry entry) {
        return switch (entry) {
            case LedgerEntry.Created _, LedgerEntry.TermSeen _, LedgerEntry.Withdrawn _ -> true;
            case LedgerEntry.Bound bound -> bound.binding().fixed();
            case LedgerEntry.Configured _, LedgerEntry.Offered _, LedgerEntry.Released _, LedgerEntry.Rested _ -> false;
        };
    }

    /** Writes a fresh, short file once this one has grown long. */
    public void compact() throws IOException {
        if (file.isLong()) {
            file.rewrite(state);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
