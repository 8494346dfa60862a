package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SecurityGroupId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the parts of the loop share: the nodes, what the cloud and the API server show, and the commands of this step. */
final class Cluster {

    final long term;
    final Shard shard;
    final Map<NodeName, NodeState> nodes = new HashMap<>();
    final Map<SessionId, Session> sessions = new HashMap<>();
    /** The session of a node that has said Hello and whose ledger is still to come. */
    final Map<NodeName, SessionId> opening = new HashMap<>();

    final Map<InstanceId, CloudInstance> instances = new HashMap<>();
    final Map<InstanceId, NodeState> byInstance = new HashMap<>();
    final Map<Long, NodeState> operations = new HashMap<>();
    final Map<NodeName, IpamEvent.NodeSeen> known = new HashMap<>();
    /** What former leaders wrote down. */
    final Map<NodeName, RememberedNode> remembered = new HashMap<>();

    final Map<String, NodeName> ledgers = new HashMap<>();
    final Whereabouts whereabouts = new Whereabouts();
    final VSwitches vSwitches = new VSwitches(this);
    /** Pod CIDRs given to nodes whose Node does not show them yet. */
    final Map<NodeName, List<Cidr>> carved = new HashMap<>();

    /** Pods on their way, by node; also of nodes whose agent is still to come. */
    final Map<NodeName, Expected> expected = new HashMap<>();

    /** Security groups that pods with an address ask for now, by node and uid of the pod. */
    final Map<NodeName, Map<String, List<SecurityGroupId>>> wishedGroups = new HashMap<>();

    final Quotas quotas = new Quotas(this);
    final FixedAddresses fixed;
    final Removals removals = new Removals(this);
    final OrphanRoutes orphanRoutes = new OrphanRoutes(this);
    final Deadlines<NodeName> timers = new Deadlines<>();
    final Census census = new Census();
    EniConfig config = EniConfig.DEFAULTS;
    /** By the value of the node label terway-config. */
    Map<String, EniConfig> overrides = Map.of();
    /** 0 until a configuration was read: agents then keep the one on their disk. */
    long revision;

    private long lastOperation;
    private int waiting;
    private List<IpamCommand> out = new ArrayList<>();
    private List<NodeState> touched = new ArrayList<>();
    /** The one of the step before, to be used again. */
    private List<NodeState> settled = new ArrayList<>();

    Cluster(long term, FixedSettings settings, Shard shard) {
        if (term < 1) {
            throw new IllegalArgumentException("a term is at least 1, not " + term);
        }
        this.term = term;
        this.shard = shard;
        fixed = new FixedAddresses(this, settings);
    }

    /** A session's agent; in sync once its ledger was taken. */
    static final class Session {

        final SessionId id;
        final Hello hello;
        boolean inSync;
        /** Its node, once it is in sync. */
        NodeState state;

        Session(SessionId id, Hello hello) {
            this.id = id;
            this.hello = hello;
        }

        NodeName node() {
            return hello.identity().node();
        }
    }

    void say(IpamCommand command) {
        out.add(command);
    }

    void touch(NodeState node) {
        if (!node.touched) {
            node.touched = true;
            touched.add(node);
        }
    }

    /** The nodes of this step, forgotten by asking. */
    List<NodeState> takeTouched() {
        if (touched.isEmpty()) {
            return List.of();
        }
        List<NodeState> nodes = touched;
        touched = settled;
        touched.clear();
        settled = nodes;
        for (NodeState node : nodes) {
            node.touched = false;
        }
        return nodes;
    }

    List<IpamCommand> takeCommands() {
        List<IpamCommand> commands = out;
        out = new ArrayList<>(4);
        return commands;
    }

    long nextOperation() {
        return ++lastOperation;
    }

    /** Forgets a node with all that is known of its addresses: its machine is gone. */
    void drop(NodeState node, Instant now) {
        node.requests.forgetAll(now);
        List.copyOf(node.bindings.keySet()).forEach(node::unbind);
        List.copyOf(node.slots.values()).forEach(node::remove);
        node.operations.forEach((id, operation) -> {
            operations.remove(id);
            whereabouts.ended(operation);
        });
        List.copyOf(node.enis.keySet()).forEach(node::forget);
        node.session.ifPresent(sessions::remove);
        orphanRoutes.of(node);
        fixed.tally.dropped(node.name);
        timers.remove(node.name);
        ledgers.remove(node.identity.ledgerId(), node.name);
        byInstance.remove(node.identity.instance(), node);
        nodes.remove(node.name, node);
        touched.remove(node);
        node.touched = false;
    }

    /** The node, other than this one, to which an address may be offered: to no two at a time. */
    Optional<NodeState> claimed(Ip ip, NodeState here) {
        for (NodeState node : whereabouts.of(ip)) {
            if (node != here && node.slots.get(ip).claimed) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    void countWaiting(int delta) {
        waiting += delta;
    }

    int waiting() {
        return waiting;
    }

    /** The node whose agent speaks in this session, once it is in sync. */
    Optional<NodeState> inSync(SessionId id) {
        Session session = sessions.get(id);
        return session != null && session.inSync ? Optional.ofNullable(session.state) : Optional.empty();
    }

    /** The configuration as it is for this node. */
    EniConfig config(NodeState node) {
        if (overrides.isEmpty()) {
            return config;
        }
        IpamEvent.NodeSeen seen = known.get(node.name);
        return seen == null ? config : seen.configName().map(overrides::get).orElse(config);
    }

    /** A pod asks for itself, or never will. */
    void arrived(NodeName node, String uid) {
        Expected pods = expected.isEmpty() ? null : expected.get(node);
        if (pods != null) {
            pods.remove(uid);
            if (pods.isEmpty()) {
                expected.remove(node);
            }
        }
    }

    /** Pods that wait for an address of this kind, and those that soon will. */
    int demand(NodeState node, Attachment attachment) {
        int waiting = node.requests.waiting(attachment);
        Expected pods = expected.isEmpty() ? null : expected.get(node.name);
        return pods == null || !config(node).predict() ? waiting : waiting + pods.count(this, node, attachment);
    }

    /** The family that pool sizes count: IPv6 only where there is nothing else. */
    Family countedFamily(NodeState node) {
        return config(node).stack().counted();
    }

    /** Limits, mode, targets or annotations of a node may have changed. */
    void refresh(NodeState node) {
        EniConfig conf = config(node);
        node.limits = node.cloud
                .map(CloudInstance::limits)
                .or(() -> RememberedNode.about(this, node).map(RememberedNode::limits))
                .map(conf.eniUse()::of)
                .orElse(InstanceLimits.UNKNOWN);
        node.targets = Optional.empty();
        node.reconfigure = true;
        node.strays = true;
        node.foreignGroups = true;
        node.resized = true;
        touch(node);
    }

    /** What the node's agent is to be told; its revision moves only when something in it changed. */
    NodeConfig nodeConfig(NodeState node) {
        NodeConfig next =
                NodeConfig.of(config(node), 0, node.mode, Capacity.of(this, node), List.copyOf(node.routes.keySet()));
        NodeConfig last = node.configured.orElse(next);
        boolean same = node.configured.isPresent() && last.withRevision(0).equals(next);
        long stamp = same ? last.revision() : ++revision;
        node.configured = Optional.of(next.withRevision(stamp));
        return node.configured.get();
    }

    /** Targets in force for a node: its annotations over the configuration, within what the instance can hold. */
    PoolTargets targets(NodeState node) {
        if (node.targets.isEmpty()) {
            node.targets = Optional.of(computeTargets(node));
        }
        return node.targets.get();
    }

    private PoolTargets computeTargets(NodeState node) {
        PoolTargets base = config(node).pool();
        IpamEvent.NodeSeen seen = known.get(node.name);
        PoolOverride override = seen == null ? PoolOverride.NONE : seen.override();
        if (seen != null && seen.draining()) {
            return base.none();
        }
        int max = override.max().orElse(Math.max(base.max(), override.min().orElse(0)));
        int min = Math.min(max, override.min().orElse(base.min()));
        PoolTargets wished = base.withSizes(min, max);
        int capacity = Capacity.of(this, node);
        if (capacity == 0 || max <= capacity) {
            return wished;
        }
        if (override.max().isPresent() && override.max().getAsInt() > capacity) {
            sayOnce(
                    node,
                    "PoolSizeClamped",
                    "k8s.aliyun.com/eni-max-pool-size " + max + " is clamped to " + capacity
                            + ", which is what the instance can hold");
        }
        return wished.clampedTo(capacity);
    }

    /** An event, unless it was the last one said about the node. */
    void sayOnce(NodeState node, String reason, String message) {
        if (!node.noticed.equals(message)) {
            node.noticed = message;
            say(new IpamCommand.Notice(node.name, true, reason, message));
        }
    }
}
