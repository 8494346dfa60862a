package io.terway.ipam;

import io.terway.net.Family;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What follows for a node after each event that touched it: offers, removals, the pool's plan, the next time to look. */
final class Settling {

    /** A pool with idle addresses above its floor that could not be returned is looked at again then. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final Cluster cluster;
    private final Operations operations;
    private final Withdrawals withdrawals;
    private final OwnEnis ownEnis;
    private final Supply supply;

    Settling(Cluster cluster, Operations operations, OwnEnis ownEnis) {
        this.cluster = cluster;
        this.operations = operations;
        this.ownEnis = ownEnis;
        withdrawals = operations.withdrawals();
        supply = new Supply(cluster, operations);
    }

    void settle(NodeState node, Instant now) {
        if (!now.isBefore(node.describeAt)) {
            node.describeAt = Instant.MAX;
            boolean fresh = node.session.isEmpty(); // a proof that the machine is gone is looked for
            cluster.say(new IpamCommand.Describe(node.identity.instance(), fresh));
        }
        Modes.follow(cluster, node, now);
        if (node.session.isPresent()) {
            cluster.fixed.keptBack.settle(node, withdrawals);
            withdrawals.askAbsent(node);
            withdrawals.takeOff(node, now);
            withdrawals.offerSupplied(node, now);
            if (node.cloud.isPresent() && cluster.revision > 0) {
                operations.routes().plan(node, now);
                ownEnis.regroup(node, now);
                if (node.foreignGroups) {
                    node.foreignGroups = ownEnis.restoreGroups(node, now);
                }
                supply.plan(node, now);
            }
            tellConfig(node);
        }
        status(node, now);
        next(node, now);
    }

    /** Capacity or pod CIDRs may have come to light. */
    private void tellConfig(NodeState node) {
        if (!node.reconfigure || cluster.revision == 0) {
            return;
        }
        node.reconfigure = false;
        Optional<NodeConfig> before = node.configured;
        NodeConfig now = cluster.nodeConfig(node);
        if (!before.equals(Optional.of(now))) {
            node.session.ifPresent(session -> cluster.say(new IpamCommand.Say(session, new Word.Configure(now))));
        }
    }

    private void status(NodeState node, Instant now) {
        Family family = cluster.countedFamily(node);
        boolean starving = node.requests.waiting() > 0 || Routes.missing(node);
        Optional<Exhaustion> exhausted = node.exhausted.filter(said -> now.isBefore(said.until()));
        boolean sufficient = node.quarantine.isEmpty() && exhausted.isEmpty() && (!starving || node.trouble.isEmpty());
        if (node.resized) {
            node.resized = false;
            node.capacity = Capacity.beside(cluster, node);
            node.wholeEnis = node.cloud.isPresent()
                    ? Capacity.enis(node)
                    : RememberedNode.about(cluster, node)
                            .map(RememberedNode::enis)
                            .orElse(0);
            node.members = Capacity.members(cluster, node);
            node.ownEnis =
                    node.enis.values().stream().anyMatch(eni -> eni.dedicated || eni.use() == CloudEni.Use.MEMBER);
            node.sharesAll = node.enis.values().stream().allMatch(eni -> node.serves(eni, Attachment.SHARED));
        }
        int bound = node.count(family, Census.Kind.BOUND);
        boolean ready = node.session.isPresent() && bound + node.count(family, Census.Kind.IDLE) > 0;
        String message = sufficient ? "" : exhausted.map(Exhaustion::why).orElse(node.trouble) + node.quarantine;
        var status = new IpamCommand.ShowStatus(
                node.name,
                bound,
                node.census.held(family),
                node.capacity,
                node.wholeEnis,
                node.members,
                sufficient,
                ready,
                message);
        if (!status.equals(node.shown)) {
            node.shown = status;
            cluster.say(status);
        }
    }

    /** The earliest time at which something of this node is due without an event. */
    private void next(NodeState node, Instant now) {
        Instant due = Instant.MAX;
        due = sooner(due, node.requests.nextDue(), now);
        Expected expected = cluster.expected.isEmpty() ? null : cluster.expected.get(node.name);
        if (expected != null) {
            due = sooner(due, expected.nextDue().orElse(Instant.MAX), now);
        }
        if (node.census.count(Census.Kind.COOLING) > 0) {
            due = sooner(due, node.coolingUntil.firstOrMax(), now);
        }
        if (!node.operations.isEmpty()) {
            due = sooner(due, node.resendAt.firstOrMax(), now);
        }
        due = sooner(due, node.describeAt, now);
        due = sooner(due, node.orderAfter, now);
        if (expected != null || node.requests.waiting() > 0) {
            due = sooner(due, node.gathering.due(), now);
        }
        if (!now.isBefore(node.removeAfter)) {
            node.removeAfter = Instant.MIN; // which all nodes share: nothing to fetch
        }
        due = sooner(due, node.removeAfter, now);
        due = sooner(due, node.exhausted.map(Exhaustion::until).orElse(Instant.MAX), now);
        if (node.session.isPresent()) {
            // A timer that is set stays where something later became due: it only looks once more than it had to.
            boolean looks = node.timer.isAfter(now) && node.timer != Instant.MAX;
            due = looks && node.timer.isBefore(due) ? node.timer : due;
            if (!looks) {
                due = sooner(due, shrinkAt(node, now).orElse(Instant.MAX), now);
                due = sooner(due, now.plus(cluster.config(node).warmUpInterval()), now);
            }
        }
        setTimer(node, due);
    }

    private void setTimer(NodeState node, Instant due) {
        if (due.equals(node.timer)) {
            return;
        }
        node.timer = due;
        if (due.isBefore(Instant.MAX)) {
            cluster.timers.put(node.name, due);
        } else {
            cluster.timers.remove(node.name);
        }
    }

    private static Instant sooner(Instant best, Instant at, Instant now) {
        return at != Instant.MAX && at.isBefore(best) && at.isAfter(now) ? at : best;
    }

    private Optional<Instant> shrinkAt(NodeState node, Instant now) {
        PoolTargets targets = cluster.targets(node);
        Optional<Instant> earliest = Optional.empty();
        Family family = cluster.countedFamily(node);
        if (node.mode != EniConfig.Mode.VPC && node.count(family, Census.Kind.IDLE) > targets.min()) {
            for (EniPool eni : node.enis.values()) {
                Optional<Instant> at = eni.oldestIdle(family)
                        .map(since -> since.plus(targets.idleTtl()))
                        .map(when -> when.isAfter(now) ? when : now.plus(LOOK_AGAIN));
                earliest = at.isPresent() && (earliest.isEmpty() || at.get().isBefore(earliest.get())) ? at : earliest;
            }
        }
        return earliest;
    }
}
