package io.terway.ipam;

import io.terway.ipam.PoolCommand.Counts;
import io.terway.ipam.PoolCommand.Purpose;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Keeps a node's pools at their targets: the one of its mode, and those of pods that ask for an ENI of their own. */
final class Supply {

    /** IPv6 addresses that one cloud call gives. */
    private static final int IPV6_PER_CREATE = 10;

    /** Prefixes that one cloud call gives. */
    private static final int PREFIXES_PER_CREATE = 10;

    /** A pod CIDR neither grows nor shrinks. */
    private static final Attachment[] GROWING = {Attachment.SHARED, Attachment.EXCLUSIVE, Attachment.TRUNK_MEMBER};

    private final Cluster cluster;
    private final Operations operations;
    private final Withdrawals withdrawals;
    private final PoolLook look;
    private final Reclaim reclaim;

    Supply(Cluster cluster, Operations operations) {
        this.cluster = cluster;
        this.operations = operations;
        withdrawals = operations.withdrawals();
        look = new PoolLook(cluster);
        reclaim = new Reclaim(cluster, withdrawals, look);
    }

    /** Orders of all families for the same ENI become one call. */
    private static final class Growth {

        final Map<EniId, int[]> grow = new TreeMap<>();
        final List<Integer> creates = new ArrayList<>();
    }

    void plan(NodeState node, Instant now) {
        ensureTrunk(node, now);
        for (Attachment attachment : GROWING) {
            boolean concerned = attachment == node.mode.usual() || look.anyOf(node, attachment);
            if (concerned && look.moves(node, attachment, now)) {
                plan(node, attachment, now);
            }
        }
        if (node.strays) {
            node.strays = returnStrays(node);
        }
    }

    private void plan(NodeState node, Attachment attachment, Instant now) {
        Family counted = cluster.countedFamily(node);
        List<VSwitchId> candidates = cluster.vSwitches.candidates(node, now);
        if (attachment == Attachment.SHARED) {
            reclaim.forShared(node, candidates);
        }
        int starving = cluster.demand(node, attachment)
                - look.idle(node, attachment)
                - Room.inFlight(node, attachment, counted);
        if (starving > 0) {
            withdrawals.cancel(node, attachment, counted, starving, now);
        }
        boolean gathers = attachment == Attachment.SHARED;
        if (gathers) {
            node.gathering.lack(starving, now);
        }
        PoolView view = look.view(node, attachment, candidates, now);
        Growth growth = new Growth();
        for (PoolStep step : PoolPlanner.plan(view, now)) {
            boolean takes = step instanceof PoolStep.Shrink || step instanceof PoolStep.DropEni;
            if (!takes || !now.isBefore(node.keepUntil)) {
                take(node, step, growth);
            }
        }
        if (attachment == Attachment.SHARED && !now.isBefore(node.orderAfter)) {
            pair(node, growth, now);
        }
        if (gathers && starving > 0 && now.isBefore(node.gathering.due())) {
            growth.creates.clear();
        }
        if (attachment.wholeEni()) {
            createOwn(node, attachment, candidates, growth.creates.size());
            if (attachment == Attachment.EXCLUSIVE) {
                reclaim.forOwnEnis(node, candidates, now);
            }
        } else {
            order(node, candidates, growth, now);
        }
    }

    private void take(NodeState node, PoolStep step, Growth growth) {
        switch (step) {
            case PoolStep.Grow grow ->
                growth.grow
                                .computeIfAbsent(grow.eni(), _ -> new int[2])[
                                cluster.countedFamily(node).ordinal()] =
                        grow.addresses();
            case PoolStep.NewEni create -> growth.creates.add(create.addresses());
            case PoolStep.Shrink shrink -> withdrawals.ask(node, withPartners(node, shrink.addresses()), List.of());
            case PoolStep.DropEni drop -> drop(node, node.enis.get(drop.eni()));
        }
    }

    private void drop(NodeState node, EniPool eni) {
        boolean used = eni.census.count(Census.Kind.IDLE) < eni.slots.size() - eni.census.count(Census.Kind.GONE);
        if (!used) {
            eni.dropping = true;
            withdrawals.ask(node, eni.in(Census.Kind.IDLE), List.of(eni.id));
        }
    }

    /** With IPv4 addresses their IPv6 partners go back, as far as the ENI then has more of them than it needs. */
    private List<Slot> withPartners(NodeState node, List<Ip> addresses) {
        List<Slot> slots =
                new ArrayList<>(addresses.stream().map(node.slots::get).toList());
        if (cluster.config(node).stack() != EniConfig.Stack.DUAL) {
            return slots;
        }
        Map<EniId, Integer> leaving = new TreeMap<>();
        slots.forEach(slot -> leaving.merge(slot.eni.id, 1, Integer::sum));
        leaving.forEach((id, count) -> {
            EniPool eni = node.enis.get(id);
            int spare = eni.live(Family.IPV6) - (eni.live(Family.IPV4) - count);
            eni.idle(Family.IPV6).stream()
                    .filter(slot -> !slot.own && slot.block.isEmpty())
                    .limit(Math.clamp(spare, 0, count))
                    .forEach(slots::add);
        });
        return slots;
    }

    /** In dual stack each ENI gets as many IPv6 addresses as it has IPv4 ones. */
    private void pair(NodeState node, Growth growth, Instant now) {
        if (cluster.config(node).stack() != EniConfig.Stack.DUAL) {
            return;
        }
        int most = look.mostIpv6(node, now);
        for (EniPool eni : node.enis.values()) {
            boolean shared = node.role(eni).orElse(null) == Attachment.SHARED;
            if (shared && eni.usable() && eni.operation == 0) {
                int[] counts = growth.grow.getOrDefault(eni.id, new int[2]);
                int ipv4 = Math.min(most, eni.live(Family.IPV4) + counts[Family.IPV4.ordinal()]);
                int lacking = ipv4 - eni.live(Family.IPV6);
                if (lacking > 0) {
                    counts[Family.IPV6.ordinal()] = lacking;
                    growth.grow.put(eni.id, counts);
                }
            }
        }
    }

    private void order(NodeState node, List<VSwitchId> candidates, Growth growth, Instant now) {
        growth.grow.forEach((eni, counts) -> operations.open(
                node,
                new PoolCommand.AssignAddresses(
                        cluster.nextOperation(), node.identity.instance(), eni, assign(node, counts, now))));
        Family counted = cluster.countedFamily(node);
        boolean dual = cluster.config(node).stack() == EniConfig.Stack.DUAL;
        for (int addresses : growth.creates) {
            int[] counts = new int[2];
            counts[counted.ordinal()] = addresses;
            if (dual) {
                counts[Family.IPV6.ordinal()] = addresses;
            }
            create(node, Purpose.SHARED, candidates, cluster.config(node).groups(), create(node, counts, now));
        }
    }

    private Counts assign(NodeState node, int[] counts, Instant now) {
        int ipv4 = counts[Family.IPV4.ordinal()];
        int ipv6 = counts[Family.IPV6.ordinal()];
        return look.prefixes(node, now)
                ? new Counts(0, 0, blocks(ipv4, Family.IPV4), blocks(ipv6, Family.IPV6))
                : new Counts(ipv4, ipv6, 0, 0);
    }

    /** The ENI's own IPv4 address counts as one of them. */
    private Counts create(NodeState node, int[] counts, Instant now) {
        int ipv4 = Math.max(0, counts[Family.IPV4.ordinal()] - 1);
        int ipv6 = Math.min(counts[Family.IPV6.ordinal()], node.limits.ipv6PerEni());
        return look.prefixes(node, now)
                ? new Counts(
                        0,
                        0,
                        Math.min(PREFIXES_PER_CREATE, blocks(ipv4, Family.IPV4)),
                        Math.min(PREFIXES_PER_CREATE, blocks(ipv6, Family.IPV6)))
                : new Counts(ipv4, Math.min(ipv6, IPV6_PER_CREATE), 0, 0);
    }

    private static int blocks(int addresses, Family family) {
        return Math.ceilDiv(addresses, Room.block(family));
    }

    /** Made for pods that wait with the groups they ask for, ahead of need with the pool's. */
    private void createOwn(NodeState node, Attachment attachment, List<VSwitchId> candidates, int count) {
        List<Requests.Waiting> waiting = node.requests.waitingFor(attachment);
        int served = Room.creating(node, attachment) + look.idle(node, attachment);
        boolean ipv6 = cluster.config(node).stack().families().contains(Family.IPV6);
        Purpose purpose = attachment == Attachment.TRUNK_MEMBER ? Purpose.MEMBER : Purpose.EXCLUSIVE;
        for (int i = 0; i < count; i++) {
            List<SecurityGroupId> wished =
                    served + i < waiting.size() ? waiting.get(served + i).groups() : List.of();
            List<SecurityGroupId> groups =
                    wished.isEmpty() ? cluster.config(node).groups() : wished;
            create(node, purpose, candidates, groups, new Counts(0, ipv6 ? 1 : 0, 0, 0));
        }
    }

    /** One trunk per node where members need it. */
    private void ensureTrunk(NodeState node, Instant now) {
        if (!look.needsTrunk(node) || node.trunk().isPresent() || now.isBefore(node.orderAfter)) {
            return;
        }
        if (node.limits.members() == 0) {
            cluster.sayOnce(
                    node,
                    "TrunkUnsupported",
                    "instance type "
                            + node.cloud
                                    .map(CloudInstance::type)
                                    .map(Object::toString)
                                    .orElse("")
                            + " of node " + node.name
                            + " carries no member ENIs; network_mode Trunk needs one that does");
            return;
        }
        boolean coming = node.operations.values().stream().anyMatch(Operation::createsTrunk)
                || node.cloud.orElseThrow().enis().stream().anyMatch(Supply::isTrunkToCome);
        if (!coming && Room.enis(node) > 0) {
            List<VSwitchId> candidates = cluster.vSwitches.candidates(node, now);
            create(node, Purpose.TRUNK, candidates, cluster.config(node).groups(), Counts.NONE);
        }
    }

    private static boolean isTrunkToCome(CloudEni eni) {
        return eni.ours() && eni.use() == CloudEni.Use.TRUNK && eni.phase() == CloudEni.Phase.COMING;
    }

    private void create(
            NodeState node, Purpose purpose, List<VSwitchId> candidates, List<SecurityGroupId> groups, Counts counts) {
        EniConfig config = cluster.config(node);
        Optional<EniId> trunk = purpose == Purpose.MEMBER ? node.trunk().map(CloudEni::id) : Optional.empty();
        operations.open(
                node,
                new PoolCommand.CreateEni(
                        cluster.nextOperation(),
                        node.identity.instance(),
                        purpose,
                        candidates,
                        groups,
                        counts,
                        config.tags(),
                        config.resourceGroup(),
                        trunk));
    }

    /** What another mode left on the node: addresses no pod gets any more, and ENIs with them. */
    private boolean returnStrays(NodeState node) {
        List<Slot> left = OwnEnis.leftOver(node);
        if (!left.isEmpty()) {
            withdrawals.ask(node, left, List.of());
        }
        boolean strays = node.mode != EniConfig.Mode.ENIIP;
        for (EniPool eni : List.copyOf(node.enis.values())) {
            boolean stray = node.role(eni).isEmpty() && eni.use() != CloudEni.Use.TRUNK;
            strays |= stray;
            if (stray && eni.free() && eni.operation == 0 && eni.cloud.isPresent()) {
                withdrawals.ask(node, eni.in(Census.Kind.IDLE), List.of(eni.id));
                eni.in(Census.Kind.SUPPLIED).forEach(slot -> node.move(slot, new AddressState.Withdrawn()));
            }
        }
        return strays;
    }

    static Set<Family> families(Cluster cluster, NodeState node) {
        return cluster.config(node).stack().families();
    }
}
