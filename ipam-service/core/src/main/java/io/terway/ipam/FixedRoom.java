package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds, or makes, a free slot on an ENI for one single address. Each call does the next step and says what it waits for. */
final class FixedRoom {

    /** A pod that waits asks several times a second. */
    private static final Duration ASKS_AGAIN = Duration.ofSeconds(2);

    private final Cluster cluster;
    private final Operations operations;

    FixedRoom(Cluster cluster, Operations operations) {
        this.cluster = cluster;
        this.operations = operations;
    }

    /** Neither an ENI's own address nor one of a prefix: it can be taken off alone and put elsewhere. */
    static boolean isSingle(Slot slot) {
        return !slot.own && slot.block.isEmpty();
    }

    /** An ENI that has a free slot for each family. */
    Optional<EniPool> on(NodeState node, Optional<VSwitchId> vSwitch, Set<Family> families) {
        EniPool busy = null;
        for (EniPool eni : node.enis.values()) {
            if (!fits(node, eni, vSwitch)) {
                continue;
            }
            boolean room = families.stream().allMatch(family -> eni.used(family) < node.limits.perEni(family));
            if (room && eni.operation == 0) {
                return Optional.of(eni);
            }
            busy = room ? eni : busy;
        }
        return Optional.ofNullable(busy);
    }

    private boolean fits(NodeState node, EniPool eni, Optional<VSwitchId> vSwitch) {
        return eni.usable()
                && node.serves(eni, Attachment.SHARED)
                && eni.use() == CloudEni.Use.SECONDARY
                && !OwnEnis.foreignGroups(cluster, node, eni)
                && vSwitch.stream()
                        .allMatch(wanted -> eni.cloud.orElseThrow().vSwitch().equals(wanted));
    }

    /** Orders one single address more, whatever the pool's sizes: what is idle cannot be fixed. */
    String another(NodeState node, Set<Family> families, Instant now) {
        node.keepUntil = now.plus(ASKS_AGAIN);
        if (node.cloud.isEmpty()) {
            return "eni-manager has not shown instance " + node.identity.instance() + " yet";
        }
        if (now.isBefore(node.orderAfter)) {
            return node.trouble;
        }
        Optional<EniPool> eni = on(node, Optional.empty(), families);
        if (eni.isEmpty()) {
            List<VSwitchId> candidates = cluster.vSwitches.candidates(node, now);
            return candidates.isEmpty()
                    ? "no vSwitch of zone " + node.zone + " has free addresses"
                    : make(node, candidates.getFirst(), now);
        }
        if (eni.get().operation == 0) {
            var one = new PoolCommand.Counts(
                    families.contains(Family.IPV4) ? 1 : 0, families.contains(Family.IPV6) ? 1 : 0, 0, 0);
            operations.open(
                    node,
                    new PoolCommand.AssignAddresses(
                            cluster.nextOperation(), node.identity.instance(), eni.get().id, one));
        }
        return "an address that can be fixed is being added to " + eni.get().id;
    }

    /** No ENI of the vSwitch has a free slot: one more ENI, else a free address of one there gives way. */
    String make(NodeState node, VSwitchId vSwitch, Instant now) {
        node.keepUntil = now.plus(ASKS_AGAIN);
        if (node.cloud.isEmpty()) {
            return "eni-manager has not shown instance " + node.identity.instance() + " yet";
        }
        if (now.isBefore(node.orderAfter)) {
            return node.trouble;
        }
        if (Room.creating(node) > 0) {
            return "an ENI is being attached to node " + node.name;
        }
        if (Room.of(node, Attachment.SHARED, false) > 0) {
            create(node, vSwitch);
            return "an ENI of " + vSwitch + " is being attached to node " + node.name;
        }
        for (EniPool eni : node.enis.values()) {
            if (fits(node, eni, Optional.of(vSwitch))) {
                boolean underWay = eni.operation != 0
                        || eni.census.count(Census.Kind.WITHDRAWING) + eni.census.count(Census.Kind.UNASSIGNING) > 0;
                Optional<Slot> spare = eni.in(Census.Kind.IDLE).stream()
                        .filter(FixedRoom::isSingle)
                        .findFirst();
                if (underWay || spare.isPresent()) {
                    if (!underWay) {
                        operations.withdrawals().ask(node, List.of(spare.get()), List.of());
                    }
                    return "a free address of " + eni.id + " makes room for the fixed one";
                }
            }
        }
        return "no ENI of " + vSwitch + " on node " + node.name
                + " has a free slot, and the node can attach no other; move a pod away";
    }

    private void create(NodeState node, VSwitchId vSwitch) {
        EniConfig config = cluster.config(node);
        boolean ipv6 = config.stack().families().contains(Family.IPV6);
        operations.open(
                node,
                new PoolCommand.CreateEni(
                        cluster.nextOperation(),
                        node.identity.instance(),
                        PoolCommand.Purpose.SHARED,
                        List.of(vSwitch),
                        config.groups(),
                        new PoolCommand.Counts(0, ipv6 ? 1 : 0, 0, 0),
                        config.tags(),
                        config.resourceGroup(),
                        Optional.empty()));
    }
}
