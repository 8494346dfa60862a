package io.terway.node.commit;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Cooling;
import io.terway.node.ledger.EniGroups;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The agent's own chooser, for when ipam-service does not answer or the node was told to choose itself. It knows nothing
 * of fixed addresses and security groups: its caller asks it only for pods that may have any address.
 *
 * <p>What it gives follows from the node's mode: an address of a shared ENI, a whole ENI that nobody uses, a member ENI
 * likewise, or an address of the node's pod CIDR.
 *
 * <p>Order: an address the same life of the pod had; then the ENI with the most users, so that others empty and can go;
 * there the address that rested longest. Linear in the offered set, which an instance's limits bound to a few hundred.
 */
public final class LocalChooser {

    private LocalChooser() {}

    /** Addresses the commit would accept now; empty when the node has none. */
    public static Optional<Proposal> choose(LedgerState state, Claim claim, BootTime now) {
        return choose(state, claim, now, _ -> true);
    }

    /** Likewise, of those that are {@code usable} in the eyes of the caller. */
    public static Optional<Proposal> choose(
            LedgerState state, Claim claim, BootTime now, Predicate<OfferedAddress> usable) {
        Attachment attachment =
                state.config().map(NodeConfig::mode).orElse(NetworkMode.ENIIP).attachment();
        Map<EniId, List<Ip>> free = new HashMap<>();
        for (OfferedAddress address : state.offered()) {
            if (Commit.refusal(state, claim, address.ip(), attachment, usable, now)
                            .isEmpty()
                    && !isFixedOfAnother(state, address.ip(), claim)
                    && isMeantFor(state, address, attachment)) {
                free.computeIfAbsent(address.eni(), _ -> new ArrayList<>()).add(address.ip());
            }
        }
        Comparator<Ip> best = Comparator.<Ip, Boolean>comparing(ip -> !wasHeldBy(state, ip, claim))
                .thenComparing(ip -> restedLongestFirst(state, ip, now))
                .thenComparing(Comparator.naturalOrder());
        Comparator<EniId> order = Comparator.<EniId, Boolean>comparing(
                        eni -> free.get(eni).stream().noneMatch(ip -> wasHeldBy(state, ip, claim)))
                .thenComparing(eni -> -state.users(eni))
                .thenComparing(eni -> attachment.takesWholeEni() ? oldestRest(state, free.get(eni), now) : 0L)
                .thenComparing(Comparator.naturalOrder());
        return free.keySet().stream()
                .sorted(order)
                .flatMap(eni -> onOne(claim, free.get(eni), attachment, best).stream())
                .findFirst();
    }

    /** Until ipam-service withdraws it, a fixed address that rests stays its pod's. */
    private static boolean isFixedOfAnother(LedgerState state, Ip ip, Claim claim) {
        return state.lastRelease(ip)
                .filter(release -> release.fixed() && !release.exempts(claim.pod()))
                .isPresent();
    }

    /** An ENI's own address goes with the whole ENI; a secondary's or a trunk's others are shared. */
    private static boolean isMeantFor(LedgerState state, OfferedAddress address, Attachment attachment) {
        OfferedEni eni = state.eni(address.eni()).orElseThrow();
        if (eni.groups() == EniGroups.POD) {
            return false; // whoever asks here has asked for none, and ipam-service has not taken them off yet
        }
        boolean own = eni.own().contains(address.ip());
        return switch (attachment) {
            case SHARED -> !own;
            case EXCLUSIVE -> own;
            case TRUNK_MEMBER, ROUTED -> true;
        };
    }

    /** One address per family from one ENI's free ones. */
    private static Optional<Proposal> onOne(Claim claim, List<Ip> free, Attachment attachment, Comparator<Ip> best) {
        List<Ip> chosen = new ArrayList<>();
        for (Family family : claim.families()) {
            free.stream().filter(ip -> ip.family() == family).min(best).ifPresent(chosen::add);
        }
        return chosen.size() == claim.families().size()
                ? Optional.of(new Proposal(chosen, false, attachment))
                : Optional.empty();
    }

    private static boolean wasHeldBy(LedgerState state, Ip ip, Claim claim) {
        Optional<Cooling> release = state.lastRelease(ip);
        return release.isPresent() && release.get().lastHolder().isSameLife(claim.pod());
    }

    private static long oldestRest(LedgerState state, List<Ip> addresses, BootTime now) {
        return addresses.stream()
                .mapToLong(ip -> restedLongestFirst(state, ip, now))
                .max()
                .orElseThrow();
    }

    /** Sorts before zero the longer the address was free; one never held is first. */
    private static long restedLongestFirst(LedgerState state, Ip ip, BootTime now) {
        return state.lastRelease(ip)
                .map(c -> -now.atLeastSince(c.at()).toNanos())
                .orElse(Long.MIN_VALUE);
    }
}
