package io.terway.node.commit;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Cooling;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Decides whether a sandbox may have what a chooser proposed. The same for every chooser: each question says what of the
 * offered set is {@code there}, that is, on the node for all the agent knows (rule 11, see {@link AfterBoot}).
 */
public final class Commit {

    private Commit() {}

    /** Where nothing is in doubt. */
    public static CommitResult decide(LedgerState state, Claim claim, Proposal proposal, BootTime now) {
        return decide(state, claim, proposal, _ -> true, now);
    }

    /** Changes nothing: the owner of the ledger writes the entry, then applies it. */
    public static CommitResult decide(
            LedgerState state, Claim claim, Proposal proposal, Predicate<OfferedAddress> there, BootTime now) {
        Optional<Binding> held = state.binding(claim.key());
        if (held.isPresent()) {
            return new CommitResult.AlreadyHeld(held.get());
        }
        if (!answers(claim, proposal)) {
            return new CommitResult.Unfit(
                    "asked for one address each of " + claim.families() + ", proposed " + proposal.addresses());
        }
        Optional<String> taken = takenPort(state, claim);
        if (taken.isPresent()) {
            return new CommitResult.Unfit(taken.get());
        }
        List<HeldAddress> addresses = new ArrayList<>();
        for (Ip ip : proposal.addresses()) {
            Optional<Refusal> refusal = refusal(state, claim, ip, proposal.attachment(), there, now);
            if (refusal.isPresent()) {
                return new CommitResult.Refused(ip, refusal.get());
            }
            OfferedAddress offered = state.offered(ip).orElseThrow();
            if (!addresses.isEmpty() && !addresses.getFirst().eni().equals(offered.eni())) {
                return new CommitResult.Refused(ip, new Refusal.OtherEni(offered.eni()));
            }
            addresses.add(new HeldAddress(ip, offered.eni()));
        }
        return new CommitResult.Committed(new LedgerEntry.Bound(new Binding(
                claim.key(),
                claim.pod(),
                claim.netns(),
                addresses,
                proposal.fixed(),
                claim.asked(),
                state.sequence() + 1,
                proposal.attachment(),
                claim.hostPorts())));
    }

    /** Which port of the node that the sandbox wants leads to another one; empty when none does. */
    public static Optional<String> takenPort(LedgerState state, Claim claim) {
        return claim.hostPorts().isEmpty()
                ? Optional.empty()
                : state.bindings().stream()
                        .filter(other -> !other.key().equals(claim.key()))
                        .flatMap(other -> other
                                .taken(claim.hostPorts())
                                .map(port -> "hostPort " + port + " of this node leads to pod "
                                        + other.pod().ref() + " (sandbox " + other.key()
                                        + "); one of the two must use another port or go")
                                .stream())
                        .findFirst();
    }

    private static boolean answers(Claim claim, Proposal proposal) {
        Set<Family> proposed = EnumSet.noneOf(Family.class);
        proposal.addresses().forEach(ip -> proposed.add(ip.family()));
        return proposal.addresses().size() == claim.families().size()
                && proposed.equals(EnumSet.copyOf(claim.families()));
    }

    /**
     * Addresses a chooser need not propose now: those that cool down, and those that are still refused. Both change with
     * time, so ask anew for each question.
     *
     * @param refused what was proposed and refused, with how it would have been connected
     */
    public static List<Ip> unproposable(
            LedgerState state,
            Claim claim,
            Map<Ip, Attachment> refused,
            Predicate<OfferedAddress> there,
            BootTime now) {
        Set<Ip> unproposable = new TreeSet<>();
        refused.forEach((ip, attachment) -> {
            if (refusal(state, claim, ip, attachment, there, now).isPresent()) {
                unproposable.add(ip);
            }
        });
        for (Cooling release : state.releases()) {
            if (refusal(state, claim, release.ip(), now).isPresent()) {
                unproposable.add(release.ip());
            }
        }
        return List.copyOf(unproposable);
    }

    /** Why this sandbox cannot have this address in this way now; empty when it can. */
    static Optional<Refusal> refusal(
            LedgerState state,
            Claim claim,
            Ip ip,
            Attachment attachment,
            Predicate<OfferedAddress> there,
            BootTime now) {
        return refusal(state, claim, ip, now).or(() -> {
            OfferedAddress offered = state.offered(ip).orElseThrow();
            EniId eni = offered.eni();
            if (!there.test(offered)) {
                return Optional.of(new Refusal.NotListed(eni));
            }
            if (!state.eni(eni).orElseThrow().role().carries(attachment)) {
                return Optional.of(new Refusal.UnfitEni(eni, attachment));
            }
            return state.user(eni)
                    .filter(other ->
                            attachment.takesWholeEni() || other.attachment().takesWholeEni())
                    .map(other -> new Refusal.EniInUse(eni, other.key()));
        });
    }

    /** Why this sandbox cannot have this address at all now; empty when it can. */
    private static Optional<Refusal> refusal(LedgerState state, Claim claim, Ip ip, BootTime now) {
        Optional<OfferedAddress> offered = state.offered(ip);
        if (offered.isEmpty() || state.eni(offered.get().eni()).isEmpty()) {
            return Optional.of(new Refusal.NotOffered());
        }
        Optional<Binding> holder = state.holder(ip);
        if (holder.isPresent()) {
            return Optional.of(new Refusal.Held(holder.get().key()));
        }
        Duration left = state.coolingLeft(ip, now);
        Optional<Cooling> release = state.lastRelease(ip);
        if (left.isPositive() && !release.orElseThrow().exempts(claim.pod())) {
            return Optional.of(new Refusal.CoolingDown(left));
        }
        return Optional.empty();
    }
}
