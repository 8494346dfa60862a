package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.VSwitchId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A node's pools as the planner sees them. Units are addresses where pods share ENIs, whole ENIs elsewhere. */
final class PoolLook {

    private final Cluster cluster;

    PoolLook(Cluster cluster) {
        this.cluster = cluster;
    }

    /** True when addresses are ordered in blocks now. */
    boolean prefixes(NodeState node, Instant now) {
        return node.mode == EniConfig.Mode.ENIIP
                && cluster.config(node).eniUse().prefixes()
                && !now.isBefore(node.singlesUntil);
    }

    boolean needsTrunk(NodeState node) {
        return node.mode == EniConfig.Mode.TRUNK
                || node.mode == EniConfig.Mode.ENIIP
                        && cluster.config(node).eniUse().trunk()
                        && node.limits.members() > 0;
    }

    /** True when an ENI serves this kind, or a pod waits for one that does. */
    boolean anyOf(NodeState node, Attachment attachment) {
        if (cluster.demand(node, attachment) > 0) {
            return true;
        }
        if (!node.resized && !node.ownEnis) {
            return false;
        }
        for (EniPool eni : node.enis.values()) {
            if (node.serves(eni, attachment)) {
                return true;
            }
        }
        return false;
    }

    /** A quick look at counts, so that most events end here. */
    boolean moves(NodeState node, Attachment attachment, Instant now) {
        PoolTargets targets = targets(node, attachment, now);
        int waiting = cluster.demand(node, attachment);
        int idle = idle(node, attachment);
        if (waiting == 0 && idle == 0 && targets.min() == 0 && targets.preAttachedEnis() == 0) {
            return false;
        }
        int inFlight = Room.inFlight(node, attachment, cluster.countedFamily(node));
        if (targets.wanted(waiting, idle, inFlight) > 0
                || targets.excess(waiting, idle) > 0
                || unpaired(node, attachment, now)) {
            return true;
        }
        boolean attached =
                targets.preAttachedEnis() == 0 || targets.preAttachedEnis() <= node.enis.size() + Room.creating(node);
        return !attached || waiting == 0 && idle > targets.min() && anyExpired(node, attachment, targets, now);
    }

    private boolean anyExpired(NodeState node, Attachment attachment, PoolTargets targets, Instant now) {
        Instant expired = now.minus(targets.idleTtl());
        if (!node.mayBeIdleSince(expired)) {
            return false;
        }
        Family counted = cluster.countedFamily(node);
        for (EniPool eni : node.enis.values()) {
            IdleSlots idle = eni.idle(counted);
            boolean old = !idle.isEmpty() && !IdleSlots.since(idle.first()).isAfter(expired);
            if (old && node.serves(eni, attachment)) {
                return true;
            }
        }
        return false;
    }

    /** An ENI that has fewer IPv6 than IPv4 addresses in dual stack. */
    private boolean unpaired(NodeState node, Attachment attachment, Instant now) {
        if (attachment != Attachment.SHARED || cluster.config(node).stack() != EniConfig.Stack.DUAL) {
            return false;
        }
        for (EniPool eni : node.enis.values()) {
            int needed = Math.min(eni.live(Family.IPV4), mostIpv6(node, now));
            if (eni.usable() && eni.operation == 0 && eni.live(Family.IPV6) < needed) {
                return true;
            }
        }
        return false;
    }

    /** IPv6 addresses that one ENI can carry. */
    int mostIpv6(NodeState node, Instant now) {
        return node.limits.ipv6PerEni() * (prefixes(node, now) ? Room.IPV6_BLOCK : 1);
    }

    /** The targets of the mode's own pool, raised by what churn needs; others hold nothing ahead of need. */
    PoolTargets targets(NodeState node, Attachment attachment, Instant now) {
        PoolTargets targets = cluster.targets(node);
        if (attachment != node.mode.usual()) {
            return targets.onDemand();
        }
        EniConfig config = cluster.config(node);
        return config.predict() && attachment == Attachment.SHARED
                ? targets.raisedTo(node.churn.needed(config.coolDown(), now))
                : targets;
    }

    int idle(NodeState node, Attachment attachment) {
        Family counted = cluster.countedFamily(node);
        if (node.sharesAll && !node.resized && attachment == Attachment.SHARED) {
            return node.count(counted, Census.Kind.IDLE);
        }
        int sum = 0;
        for (EniPool eni : node.enis.values()) {
            if (node.serves(eni, attachment)) {
                sum += attachment.wholeEni()
                        ? (isIdle(eni, counted) ? 1 : 0)
                        : eni.idle(counted).size();
            }
        }
        return sum;
    }

    private static boolean isIdle(EniPool eni, Family counted) {
        return eni.usable() && eni.free() && eni.onlyOwn() && !eni.idle(counted).isEmpty();
    }

    /** ENIs of this kind that could still be attached, one kept back for a trunk that is to come. */
    int room(NodeState node, Attachment attachment) {
        return Room.of(node, attachment, needsTrunk(node) && node.trunk().isEmpty());
    }

    PoolView view(NodeState node, Attachment attachment, List<VSwitchId> candidates, Instant now) {
        Set<Family> families = Supply.families(cluster, node);
        Family counted = cluster.countedFamily(node);
        int perEni = attachment.wholeEni()
                ? 1
                : Room.entriesPerEni(node.limits, families) * (prefixes(node, now) ? Room.block(counted) : 1);
        List<PoolView.EniView> enis = new ArrayList<>();
        for (EniPool eni : node.enis.values()) {
            if (eni.usable() && node.serves(eni, attachment)) {
                enis.add(attachment.wholeEni() ? whole(eni, counted) : shared(node, eni, counted, now));
            }
        }
        boolean mayOrder = !now.isBefore(node.orderAfter);
        return new PoolView(
                counted,
                targets(node, attachment, now),
                cluster.demand(node, attachment),
                Room.inFlight(node, attachment, counted),
                perEni,
                candidates.isEmpty() ? 0 : room(node, attachment),
                Room.creating(node),
                perCreate(candidates, now),
                mayOrder,
                cluster.vSwitches.mayWarmUp(node, candidates),
                enis);
    }

    /** What the vSwitch that has most left may be asked for; which of them gets the ENI is not decided here. */
    private int perCreate(List<VSwitchId> candidates, Instant now) {
        return candidates.stream()
                .mapToInt(id -> cluster.vSwitches.shortages.most(id, now))
                .max()
                .orElse(Shortages.NO_LIMIT);
    }

    private PoolView.EniView shared(NodeState node, EniPool eni, Family counted, Instant now) {
        int most = OwnEnis.foreignGroups(cluster, node, eni)
                ? 0
                : cluster.vSwitches.shortages.most(eni.cloud.get().vSwitch(), now);
        int used = eni.used(counted) * (prefixes(node, now) ? Room.block(counted) : 1);
        List<PoolView.IdleView> idle = eni.idle(counted).stream()
                .map(slot -> new PoolView.IdleView(slot.ip, since(slot), slot.own, returns(eni, slot)))
                .toList();
        return new PoolView.EniView(eni.id, used, eni.live(counted), eni.operation != 0, most, idle);
    }

    /** The block an address goes back with; empty: alone, or not at all while others of its block are used. */
    private static PoolView.Returns returns(EniPool eni, Slot slot) {
        if (slot.own) {
            return new PoolView.Returns.WithEni();
        }
        if (slot.block.isEmpty()) {
            return new PoolView.Returns.Alone();
        }
        Cidr block = slot.block.get();
        return new PoolView.Returns.WithBlock(block, eni.liveIn(block));
    }

    private static PoolView.EniView whole(EniPool eni, Family counted) {
        List<PoolView.IdleView> idle = isIdle(eni, counted)
                ? List.of(new PoolView.IdleView(
                        eni.idle(counted).first().ip, since(eni.idle(counted).first()), true))
                : List.of();
        return new PoolView.EniView(eni.id, 1, 1, eni.operation != 0, 0, idle);
    }

    private static Instant since(Slot slot) {
        return ((AddressState.Idle) slot.state).since();
    }
}
