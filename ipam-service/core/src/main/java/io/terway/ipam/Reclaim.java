package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.VSwitchId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * ENIIP mode: when no slot is left, an ENI without pods goes to those that wait. One with shared addresses is stripped to its
 * own for a pod that needs an ENI, and one that was a pod's own is shared again. Only for pods that have asked and wait, and no
 * more ENIs than they lack, so that nothing moves to and fro.
 */
final class Reclaim {

    private final Cluster cluster;
    private final Withdrawals withdrawals;
    private final PoolLook look;

    Reclaim(Cluster cluster, Withdrawals withdrawals, PoolLook look) {
        this.cluster = cluster;
        this.withdrawals = withdrawals;
        this.look = look;
    }

    /** True while an ENI of the other kind has no pod: then a pod of this kind waits, and is not refused. */
    static boolean possible(Cluster cluster, NodeState node, Attachment attachment) {
        if (node.mode != EniConfig.Mode.ENIIP) {
            return false;
        }
        return switch (attachment) {
            case EXCLUSIVE ->
                node.enis.values().stream().anyMatch(eni -> isShared(node, eni) && strippable(cluster, node, eni));
            case SHARED -> node.enis.values().stream().anyMatch(eni -> eni.dedicated && isUnused(cluster, eni));
            case TRUNK_MEMBER, ROUTED -> false;
        };
    }

    private static boolean isShared(NodeState node, EniPool eni) {
        return node.role(eni).equals(Optional.of(Attachment.SHARED));
    }

    private static boolean isUnused(Cluster cluster, EniPool eni) {
        return eni.usable()
                && eni.use() == CloudEni.Use.SECONDARY
                && eni.census.count(Census.Kind.BOUND) + eni.census.count(Census.Kind.RESERVED) == 0
                && eni.all().stream().noneMatch(slot -> cluster.fixed.owns(slot.ip));
    }

    /** What is left of it is enough for a pod: an address of its own in each family. */
    private static boolean strippable(Cluster cluster, NodeState node, EniPool eni) {
        Set<Family> own = EnumSet.noneOf(Family.class);
        eni.all().stream().filter(slot -> slot.own).forEach(slot -> own.add(slot.ip.family()));
        return isUnused(cluster, eni) && own.containsAll(Supply.families(cluster, node));
    }

    /** Pods wait for ENIs of their own and no slot is free: ENIs of which only idle addresses are left are given up. */
    void forOwnEnis(NodeState node, List<VSwitchId> candidates, Instant now) {
        int lacking = node.requests.waiting(Attachment.EXCLUSIVE);
        if (lacking == 0 || node.mode != EniConfig.Mode.ENIIP || now.isBefore(node.keepUntil)) {
            return;
        }
        lacking -= look.idle(node, Attachment.EXCLUSIVE) + Room.creating(node);
        lacking -= candidates.isEmpty() ? 0 : look.room(node, Attachment.EXCLUSIVE);
        List<EniPool> idle = new ArrayList<>();
        for (EniPool eni : node.enis.values()) {
            if (eni.dedicated) {
                lacking -= eni.free() && !eni.onlyOwn() ? 1 : 0; // being stripped
            } else if (isShared(node, eni) && eni.onlyOwn() && strippable(cluster, node, eni)) {
                lacking--; // taken as it is when its pod asks
            } else if (isShared(node, eni) && eni.free() && eni.operation == 0 && strippable(cluster, node, eni)) {
                idle.add(eni);
            }
        }
        idle.sort(Comparator.<EniPool>comparingInt(eni -> eni.slots.size()).thenComparing(eni -> eni.id));
        int spare = look.idle(node, Attachment.SHARED) - cluster.demand(node, Attachment.SHARED);
        for (EniPool eni : idle) {
            spare -= eni.idle(cluster.countedFamily(node)).size();
            if (lacking <= 0 || spare < 0) {
                return;
            }
            strip(node, eni);
            lacking--;
        }
    }

    private void strip(NodeState node, EniPool eni) {
        node.dedicate(eni, true);
        withdrawals.ask(node, beside(eni, Census.Kind.IDLE), List.of());
        beside(eni, Census.Kind.SUPPLIED).forEach(slot -> node.move(slot, new AddressState.Withdrawn()));
    }

    private static List<Slot> beside(EniPool eni, Census.Kind kind) {
        List<Slot> slots = eni.in(kind);
        slots.removeIf(slot -> slot.own);
        return slots;
    }

    /** Pods wait for addresses of shared ENIs and none can be added: an ENI that was a pod's own is shared again. */
    void forShared(NodeState node, List<VSwitchId> candidates) {
        if (node.mode != EniConfig.Mode.ENIIP
                || node.requests.waiting(Attachment.SHARED) == 0
                || node.requests.waiting(Attachment.EXCLUSIVE) > 0) {
            return;
        }
        Family counted = cluster.countedFamily(node);
        int enis = candidates.isEmpty() ? 0 : look.room(node, Attachment.SHARED);
        int lacking = node.requests.waiting(Attachment.SHARED)
                - look.idle(node, Attachment.SHARED)
                - Room.inFlight(node, Attachment.SHARED, counted)
                - Room.addresses(node, counted, enis);
        for (EniPool eni : List.copyOf(node.enis.values())) {
            if (lacking > 0 && eni.dedicated && eni.free() && eni.operation == 0 && isUnused(cluster, eni)) {
                node.dedicate(eni, false);
                withdrawals.offerAgain(node, eni); // wakes a pod that waits
                lacking -= node.limits.perEni(counted);
            }
        }
    }
}
