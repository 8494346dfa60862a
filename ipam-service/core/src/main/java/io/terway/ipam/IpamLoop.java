package io.terway.ipam;

import io.terway.net.NodeName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The leader's whole state for one term and the only door to it. Events go in, commands come out; nothing is read back. It is
 * rebuilt in each term from the agents' ledgers and from what eni-manager shows, and is thrown away when the term ends.
 *
 * <p>Not thread-safe: one owner steps it. An event costs what it changes on its node, whatever the size of the cluster.
 */
public final class IpamLoop {

    private final Cluster cluster;
    private final Sessions sessions;
    private final OwnEnis ownEnis;
    private final Allocations allocations;
    private final CloudSide cloudSide;
    private final Operations operations;
    private final Withdrawals withdrawals;
    private final Settling settling;
    private final FixedHandovers handovers;

    /**
     * A loop that knows nothing yet.
     *
     * @param term the leader's term, at least 1
     */
    public IpamLoop(long term) {
        this(term, FixedSettings.DEFAULTS);
    }

    /**
     * A loop that knows nothing yet.
     *
     * @param settings bounds of fixed addresses
     */
    public IpamLoop(long term, FixedSettings settings) {
        this(term, settings, Shard.WHOLE);
    }

    /**
     * A loop that knows nothing yet.
     *
     * @param settings bounds of fixed addresses
     * @param shard the nodes that are served here
     */
    public IpamLoop(long term, FixedSettings settings, Shard shard) {
        cluster = new Cluster(term, settings, shard);
        sessions = new Sessions(cluster);
        cloudSide = new CloudSide(cluster);
        operations = new Operations(cluster);
        withdrawals = operations.withdrawals();
        ownEnis = new OwnEnis(cluster, operations);
        var demand = new Demand(cluster);
        var fixedPods = new FixedPods(cluster, operations, ownEnis, demand);
        handovers = fixedPods.handovers();
        allocations = new Allocations(cluster, ownEnis, demand, fixedPods);
        settling = new Settling(cluster, operations, ownEnis);
    }

    public long term() {
        return cluster.term;
    }

    /** Takes one event in. {@code now} never goes back. */
    public List<IpamCommand> step(IpamEvent event, Instant now) {
        switch (event) {
            // Those that are many first: the cases are tried in this order.
            case IpamEvent.Allocate allocate -> allocations.allocate(allocate, now);
            case IpamEvent.Report report -> allocations.report(report, now);
            case IpamEvent.ConfigChanged changed -> configChanged(changed);
            case IpamEvent.NodeSeen seen -> nodeSeen(seen);
            case IpamEvent.NodeGone gone -> nodeGone(gone.node(), now);
            case IpamEvent.NodeRemembered(RememberedNode node) -> cluster.remembered.put(node.node(), node);
            case IpamEvent.NodeForgotten forgotten -> cluster.remembered.remove(forgotten.node());
            case IpamEvent.NamespaceSeen seen -> cluster.quotas.set(seen);
            case IpamEvent.PodsElsewhere pods -> cluster.quotas.elsewhere(pods);
            case IpamEvent.PodScheduled pod -> podScheduled(pod, now);
            case IpamEvent.PodRegrouped pod -> ownEnis.regrouped(pod);
            case IpamEvent.PodSettled settled -> {
                cluster.arrived(settled.node(), settled.uid());
                ownEnis.forget(settled);
                Optional.ofNullable(cluster.nodes.get(settled.node())).ifPresent(cluster::touch);
            }
            case IpamEvent.PodNetInfoSeen seen -> {
                cluster.fixed.seen(seen, now);
                handovers.seen(seen, now);
            }
            case IpamEvent.PodNetInfosListed listed -> cluster.fixed.listed(listed.complete());
            case IpamEvent.PodWanted told -> cluster.fixed.unwanted.told(told.pod(), told.wanted(), now);
            case IpamEvent.PodNetInfoGone gone -> {
                cluster.fixed.gone(gone, now);
                handovers.gone(gone.pod());
            }
            case IpamEvent.PodNetInfoFailed failed -> {
                cluster.fixed.failed(failed, now);
                handovers.failed(failed.pod());
            }
            case IpamEvent.InstanceSeen seen -> {
                cloudSide.instanceSeen(seen.instance(), now);
                cluster.orphanRoutes.instanceSeen(seen.instance(), now);
            }
            case IpamEvent.RoutesSeen seen -> cluster.orphanRoutes.seen(seen, now);
            case IpamEvent.DescribeFailed failed -> cloudSide.describeFailed(failed, now);
            case IpamEvent.KeptEnisSeen seen -> {
                if (cluster.shard.index() == 0) { // whose they were nobody knows: one shard looks after them
                    cluster.fixed.orphans.seen(seen.unnamed(), now);
                }
            }
            case IpamEvent.VSwitchesSeen seen -> cluster.vSwitches.seen(seen.vSwitches());
            case IpamEvent.SessionOpened opened -> sessions.opened(opened);
            case IpamEvent.LedgerReceived received -> sessions.ledgerReceived(received, now);
            case IpamEvent.SessionClosed closed -> sessions.closed(closed.session());
            case IpamEvent.WithdrawAcked acked -> withdrawAcked(acked, now);
            case IpamEvent.OperationEnded ended -> {
                if (!cluster.removals.ended(ended, now)) {
                    operations.ended(ended, now);
                }
            }
            case IpamEvent.Tick _ -> tick(now);
        }
        for (NodeState node : cluster.takeTouched()) {
            settling.settle(node, now);
        }
        return cluster.takeCommands();
    }

    /** When a {@link IpamEvent.Tick} is due at the latest; empty: nothing waits for time. */
    public Optional<Instant> nextDue() {
        Optional<Instant> orphans = Deadlines.sooner(cluster.removals.nextDue(), cluster.orphanRoutes.nextDue());
        Optional<Instant> fixed = Deadlines.sooner(cluster.fixed.nextDue(), handovers.nextDue());
        return Deadlines.sooner(cluster.timers.first(), Deadlines.sooner(orphans, fixed));
    }

    /** Fixed addresses: those kept, and those of them that pods have. */
    public int fixedAddresses() {
        return cluster.fixed.size();
    }

    /** Pods that have their fixed address. */
    public int fixedBound() {
        return cluster.fixed.tally.bound();
    }

    /** Addresses by state, kept up to date; for figures. */
    public Census census() {
        return cluster.census;
    }

    /** Open sessions, those still sending their ledger counted. */
    public int sessions() {
        return cluster.sessions.size();
    }

    /** Nodes known in this term. */
    public int nodeCount() {
        return cluster.nodes.size();
    }

    /** Requests that wait for an address. */
    public int waiting() {
        return cluster.waiting();
    }

    /** Names of the nodes known in this term. */
    public List<NodeName> nodes() {
        return cluster.nodes.keySet().stream().sorted().toList();
    }

    /** One node, copied. */
    public Optional<NodeView> view(NodeName name) {
        NodeState node = cluster.nodes.get(name);
        return Optional.ofNullable(node)
                .map(state -> NodeView.of(state, cluster.targets(state), Capacity.of(cluster, state)));
    }

    /** The one event that touches every node, because every node's targets may have changed. */
    private void configChanged(IpamEvent.ConfigChanged changed) {
        cluster.config = changed.config();
        cluster.overrides = changed.overrides();
        cluster.revision = cluster.revision == 0 ? Math.multiplyExact(cluster.term, 1L << 20) : cluster.revision + 1;
        cluster.nodes.values().forEach(cluster::refresh);
    }

    private void nodeSeen(IpamEvent.NodeSeen seen) {
        IpamEvent.NodeSeen before = cluster.known.put(seen.node(), seen);
        NodeState node = cluster.nodes.get(seen.node());
        if (node == null) {
            return;
        }
        boolean changed = before == null || !before.equals(seen);
        boolean ourLedger = seen.ledgerId().equals(Optional.of(node.identity.ledgerId()));
        if (before == null && !ourLedger && node.session.isPresent()) {
            cluster.say(new IpamCommand.Anchor(node.name, node.identity.ledgerId()));
        }
        if (changed) {
            cluster.refresh(node);
        }
    }

    /** No proof that its machine is gone, but a reason to look for one. */
    private void nodeGone(NodeName name, Instant now) {
        cluster.known.remove(name);
        cluster.expected.remove(name);
        cluster.carved.remove(name);
        NodeState node = cluster.nodes.get(name);
        if (node != null) {
            node.describeAt = now;
            cluster.touch(node);
        }
    }

    private void podScheduled(IpamEvent.PodScheduled pod, Instant now) {
        if (!(PodWishes.read(pod.annotations()) instanceof PodWishes.Reading.Read(PodWishes wishes))) {
            return; // it will be refused
        }
        NodeState node = cluster.nodes.get(pod.node());
        boolean bound = node != null
                && node.bindings.values().stream()
                        .anyMatch(binding -> binding.holder().uid().equals(pod.uid()));
        if (!bound) {
            cluster.expected.computeIfAbsent(pod.node(), _ -> new Expected()).add(pod.uid(), wishes, now);
            if (node != null) {
                cluster.touch(node);
            }
        }
    }

    private void withdrawAcked(IpamEvent.WithdrawAcked acked, Instant now) {
        cluster.inSync(acked.session()).ifPresent(node -> {
            withdrawals.acknowledged(node, acked, now);
            cluster.touch(node);
        });
    }

    private void tick(Instant now) {
        cluster.removals.tick(now);
        cluster.orphanRoutes.tick(now);
        cluster.fixed.tick(now);
        handovers.tick(now);
        List<NodeState> due = new ArrayList<>();
        for (Optional<NodeName> name = cluster.timers.poll(now); name.isPresent(); name = cluster.timers.poll(now)) {
            due.add(cluster.nodes.get(name.get()));
        }
        for (NodeState node : due) {
            node.timer = Instant.MAX;
            allocations.expire(node, now);
            Optional.ofNullable(cluster.expected.get(node.name)).ifPresent(pods -> pods.expire(now));
            operations.resend(node, now);
            cluster.touch(node);
        }
    }
}
