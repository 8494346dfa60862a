package io.terway.node.commit;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Cooling;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.OfferedAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The agent's own chooser, for when ipam-service does not answer or the node was told to choose itself. It knows nothing
 * of fixed addresses: its caller asks it only for pods that may have any address.
 *
 * <p>Order: an address the same life of the pod had; then the ENI with the most held addresses, so that others empty and
 * can go; there the address that rested longest. Linear in the offered set, which an instance's limits bound to a few
 * hundred.
 */
public final class LocalChooser {

    private LocalChooser() {}

    /** Addresses the commit would accept now; empty when the node has none. */
    public static Optional<Proposal> choose(LedgerState state, Claim claim, BootTime now) {
        Map<EniId, Integer> held = new HashMap<>();
        state.bindings().forEach(b -> held.merge(b.eni(), b.addresses().size(), Integer::sum));
        Map<EniId, List<OfferedAddress>> free = new HashMap<>();
        Set<EniId> taken = state.bindings().stream()
                .filter(b -> b.attachment() == Attachment.EXCLUSIVE || b.attachment() == Attachment.TRUNK_MEMBER)
                .map(Binding::eni)
                .collect(Collectors.toSet());
        for (OfferedAddress address : state.offered()) {
            if (!taken.contains(address.eni())
                    && Commit.refusal(state, claim, address.ip(), now).isEmpty()) {
                free.computeIfAbsent(address.eni(), _ -> new ArrayList<>()).add(address);
            }
        }
        Comparator<EniId> order = Comparator.<EniId, Boolean>comparing(
                        eni -> free.get(eni).stream().noneMatch(a -> wasHeldBy(state, a.ip(), claim)))
                .thenComparing(eni -> -held.getOrDefault(eni, 0))
                .thenComparing(Comparator.naturalOrder());
        return free.keySet().stream()
                .sorted(order)
                .flatMap(eni -> onOne(state, claim, free.get(eni), now).stream())
                .findFirst();
    }

    /** One address per family from one ENI's free ones. */
    private static Optional<Proposal> onOne(LedgerState state, Claim claim, List<OfferedAddress> free, BootTime now) {
        List<Ip> chosen = new ArrayList<>();
        for (Family family : claim.families()) {
            free.stream()
                    .map(OfferedAddress::ip)
                    .filter(ip -> ip.family() == family)
                    .min(Comparator.<Ip, Boolean>comparing(ip -> !wasHeldBy(state, ip, claim))
                            .thenComparing(ip -> restedLongestFirst(state, ip, now))
                            .thenComparing(Comparator.naturalOrder()))
                    .ifPresent(chosen::add);
        }
        return chosen.size() == claim.families().size()
                ? Optional.of(new Proposal(
                        chosen, false, attachment(state, free.getFirst().eni())))
                : Optional.empty();
    }

    /** What ipam-service would say of an ordinary pod's address of this ENI. */
    private static Attachment attachment(LedgerState state, EniId eni) {
        boolean ownEnis =
                state.config().filter(c -> c.mode() == NetworkMode.ENI).isPresent();
        return switch (state.eni(eni).orElseThrow().role()) {
            case EniRole.Primary() -> Attachment.ROUTED;
            case EniRole.Secondary() -> ownEnis ? Attachment.EXCLUSIVE : Attachment.SHARED;
            case EniRole.Trunk() -> Attachment.SHARED;
            case EniRole.Member _ -> Attachment.TRUNK_MEMBER;
        };
    }

    private static boolean wasHeldBy(LedgerState state, Ip ip, Claim claim) {
        Optional<Cooling> release = state.lastRelease(ip);
        return release.isPresent() && release.get().lastHolder().isSameLife(claim.pod());
    }

    /** Sorts before zero the longer the address was free; one never held is first. */
    private static long restedLongestFirst(LedgerState state, Ip ip, BootTime now) {
        return state.lastRelease(ip)
                .map(c -> -now.atLeastSince(c.at()).toNanos())
                .orElse(Long.MIN_VALUE);
    }
}
