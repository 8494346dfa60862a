package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What follows for a node after each event that touched it: offers, removals, the pool's plan, the next time to look. */
final class Settling {

    /** A pool with idle addresses above its floor that could not be returned is looked at again then. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final Cluster cluster;
    private final Operations operations;
    private final Withdrawals withdrawals;

    Settling(Cluster cluster, Operations operations, Withdrawals withdrawals) {
        this.cluster = cluster;
        this.operations = operations;
        this.withdrawals = withdrawals;
    }

    void settle(NodeState node, Instant now) {
        if (!now.isBefore(node.describeAt)) {
            node.describeAt = Instant.MAX;
            cluster.say(new IpamCommand.Describe(node.identity.instance()));
        }
        if (node.session.isPresent()) {
            withdrawals.takeOff(node, now);
            withdrawals.offerSupplied(node, now);
            if (node.cloud.isPresent() && cluster.revision > 0) {
                plan(node, now);
            }
        }
        status(node);
        next(node, now);
    }

    private void plan(NodeState node, Instant now) {
        PoolTargets targets = cluster.targets(node);
        Set<Family> families = cluster.config.stack().families();
        boolean needed = false;
        for (Family family : families) {
            needed |= moves(node, family, targets, now);
        }
        if (!needed && node.enis.size() + node.creating() >= targets.preAttachedEnis()) {
            return;
        }
        withdrawals.askAbsent(node);
        for (Family family : families) {
            int starving = node.waiting(family) - node.count(family, Census.Kind.IDLE) - node.inFlight(family);
            if (starving > 0) {
                withdrawals.cancel(node, family, starving, now);
            }
        }
        List<VSwitchId> candidates = cluster.candidates(node, now);
        Growth growth = new Growth();
        for (Family family : families) {
            PoolView view = view(node, family, targets, candidates, now);
            for (PoolStep step : PoolPlanner.plan(view, now)) {
                take(node, family, step, growth);
            }
        }
        order(node, candidates, growth);
    }

    /** A quick look at counts, so that most events end here. */
    private boolean moves(NodeState node, Family family, PoolTargets targets, Instant now) {
        int waiting = node.waiting(family);
        int idle = node.count(family, Census.Kind.IDLE);
        if (targets.wanted(waiting, idle, node.inFlight(family)) > 0 || targets.excess(waiting, idle) > 0) {
            return true;
        }
        if (waiting > 0 || idle <= targets.min()) {
            return false;
        }
        Instant expired = now.minus(targets.idleTtl());
        for (EniPool eni : node.enis.values()) {
            Optional<Instant> oldest = eni.oldestIdle(family);
            if (oldest.isPresent() && !oldest.get().isAfter(expired)) {
                return true;
            }
        }
        return false;
    }

    private PoolView view(NodeState node, Family family, PoolTargets targets, List<VSwitchId> candidates, Instant now) {
        List<PoolView.EniView> enis = new ArrayList<>();
        for (EniPool eni : node.enis.values()) {
            if (eni.usable()) {
                boolean growable = !cluster.blocked(eni.cloud.get().vSwitch(), now);
                List<PoolView.IdleView> idle = eni.idle(family).stream()
                        .map(slot -> new PoolView.IdleView(slot.ip, ((AddressState.Idle) slot.state).since(), slot.own))
                        .toList();
                boolean busy = eni.operation != 0;
                enis.add(new PoolView.EniView(eni.id, eni.used(family), busy, growable, idle));
            }
        }
        return new PoolView(
                family,
                targets,
                node.waiting(family),
                node.inFlight(family),
                node.limits().perEni(family),
                candidates.isEmpty() ? 0 : node.eniRoom(),
                node.creating(),
                !now.isBefore(node.orderAfter),
                cluster.mayWarmUp(candidates),
                enis);
    }

    /** Orders of all families for the same ENI become one call. */
    private static final class Growth {

        final Map<EniId, int[]> grow = new TreeMap<>();
        final List<int[]> creates = new ArrayList<>();
    }

    private void take(NodeState node, Family family, PoolStep step, Growth growth) {
        switch (step) {
            case PoolStep.Grow grow ->
                growth.grow.computeIfAbsent(grow.eni(), _ -> new int[2])[family.ordinal()] = grow.addresses();
            case PoolStep.NewEni create -> {
                int[] counts = new int[2];
                counts[family.ordinal()] = create.addresses();
                growth.creates.add(counts);
            }
            case PoolStep.Shrink shrink -> withdrawals.ask(node, slots(node, shrink.addresses()), List.of());
            case PoolStep.DropEni drop -> {
                EniPool eni = node.enis.get(drop.eni());
                boolean otherFamilyUsed =
                        eni.census.count(Census.Kind.IDLE) < eni.slots.size() - eni.census.count(Census.Kind.GONE);
                if (!otherFamilyUsed) {
                    eni.dropping = true;
                    withdrawals.ask(node, eni.in(Census.Kind.IDLE), List.of(eni.id));
                }
            }
        }
    }

    private static List<Slot> slots(NodeState node, List<Ip> addresses) {
        return addresses.stream().map(node.slots::get).toList();
    }

    private void order(NodeState node, List<VSwitchId> candidates, Growth growth) {
        growth.grow.forEach((eni, counts) -> operations.open(
                node,
                new PoolCommand.AssignAddresses(
                        cluster.nextOperation(),
                        node.identity.instance(),
                        eni,
                        counts[Family.IPV4.ordinal()],
                        counts[Family.IPV6.ordinal()])));
        boolean dual = cluster.config.stack() == EniConfig.Stack.DUAL;
        int creates = 0;
        for (int[] counts : growth.creates) {
            int ipv4 = counts[Family.IPV4.ordinal()];
            int ipv6 = dual ? Math.max(ipv4, counts[Family.IPV6.ordinal()]) : counts[Family.IPV6.ordinal()];
            if (dual && ipv4 == 0 || creates++ >= PoolPlanner.MAX_PARALLEL_CREATES) {
                continue; // in dual stack an ENI that IPv4 asked for brings both
            }
            operations.open(
                    node,
                    new PoolCommand.CreateEni(
                            cluster.nextOperation(),
                            node.identity.instance(),
                            candidates,
                            cluster.config.groups(),
                            Math.max(0, ipv4 - 1),
                            Math.min(ipv6, Math.min(10, node.limits().ipv6PerEni())),
                            cluster.config.tags(),
                            cluster.config.resourceGroup()));
        }
    }

    private void status(NodeState node) {
        Family family = node.countedFamily(cluster.config.stack());
        boolean sufficient = node.quarantine.isEmpty() && (node.waiting.isEmpty() || node.trouble.isEmpty());
        int bound = node.count(family, Census.Kind.BOUND);
        int held = node.census.held(family);
        int capacity = node.limits().capacity(family);
        String message = sufficient ? "" : node.trouble + node.quarantine;
        IpamCommand.ShowStatus status =
                new IpamCommand.ShowStatus(node.name, bound, held, capacity, sufficient, message);
        if (!status.equals(node.shown)) {
            node.shown = status;
            cluster.say(status);
        }
    }

    /** The earliest time at which something of this node is due without an event. */
    private void next(NodeState node, Instant now) {
        Instant due = Instant.MAX;
        due = sooner(due, node.requestUntil.first().orElse(Instant.MAX), now);
        due = sooner(due, node.coolingUntil.first().orElse(Instant.MAX), now);
        due = sooner(due, node.resendAt.first().orElse(Instant.MAX), now);
        due = sooner(due, node.describeAt, now);
        due = sooner(due, node.orderAfter, now);
        due = sooner(due, node.removeAfter, now);
        if (node.session.isPresent()) {
            due = sooner(due, shrinkAt(node, now).orElse(Instant.MAX), now);
            due = sooner(due, now.plus(cluster.config.warmUpInterval()), now);
        }
        if (due.isBefore(Instant.MAX)) {
            cluster.timers.put(node.name, due);
        } else {
            cluster.timers.remove(node.name);
        }
    }

    private static Instant sooner(Instant best, Instant at, Instant now) {
        return at.isAfter(now) && at.isBefore(best) ? at : best;
    }

    private Optional<Instant> shrinkAt(NodeState node, Instant now) {
        PoolTargets targets = cluster.targets(node);
        Optional<Instant> earliest = Optional.empty();
        for (Family family : cluster.config.stack().families()) {
            if (node.count(family, Census.Kind.IDLE) > targets.min()) {
                for (EniPool eni : node.enis.values()) {
                    Optional<Instant> at = eni.oldestIdle(family)
                            .map(since -> since.plus(targets.idleTtl()))
                            .map(when -> when.isAfter(now) ? when : now.plus(LOOK_AGAIN));
                    earliest =
                            at.isPresent() && (earliest.isEmpty() || at.get().isBefore(earliest.get())) ? at : earliest;
                }
            }
        }
        return earliest;
    }
}
