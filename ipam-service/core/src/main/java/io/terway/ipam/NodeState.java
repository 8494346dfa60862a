package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.net.SecurityGroupId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One node's addresses, demand and open operations. Keeps counts and indexes; decides nothing. */
final class NodeState {

    final NodeName name;
    final Map<EniId, EniPool> enis = new LinkedHashMap<>();
    final Map<Ip, Slot> slots = new HashMap<>();
    final Map<SandboxKey, Binding> bindings = new HashMap<>();
    final Requests requests;
    final Churn churn = new Churn();
    final Map<Long, Operation> operations = new LinkedHashMap<>();
    final Map<EniId, Instant> deletedEnis = new HashMap<>();
    final TakenOff takenOff = new TakenOff();

    /** Security groups that the cloud refused for an ENI lately. */
    Map<List<SecurityGroupId>, RefusedGroups> refusedGroups = Map.of();

    /** Of a node in VPC mode. What most nodes have none of is the same empty map for all: nothing to fetch. */
    Map<Cidr, Routes.State> routes = Map.of();

    final Deadlines<Ip> coolingUntil = new Deadlines<>();
    final Deadlines<Long> resendAt = new Deadlines<>();
    final Census census = new Census();
    /** Pods that wait for shared addresses which neither are there nor on their way. */
    final Gathering gathering = new Gathering();

    NodeIdentity identity;
    /** Of its last Hello. */
    String bootId;

    InstanceType type;
    ZoneId zone;
    /** In force: the configured one, unless pods of another keep it. */
    EniConfig.Mode mode = EniConfig.DEFAULTS.mode();

    Optional<SessionId> session = Optional.empty();
    Optional<CloudInstance> cloud = Optional.empty();
    /** The cloud shows ENIs that are on their way to it. */
    boolean coming;
    /** What is left of the instance's limits by the configuration. */
    InstanceLimits limits = InstanceLimits.UNKNOWN;

    String quarantine = "";
    /** Ledger sequence known; entries at or below it are skipped. */
    long sequence;
    /** Highest offer or withdrawal number used. */
    long number;
    /** Addresses that may be used here, and that the cloud does not have here any more. */
    boolean absentees;
    /** Supplied addresses that wait to be offered. */
    boolean supplied;

    Instant orderAfter = Instant.MIN;
    Instant removeAfter = Instant.MIN;
    Instant describeAt = Instant.MAX;
    /** First sight of the instance as released. */
    Optional<Instant> releasedSince = Optional.empty();
    /** Until then single addresses are ordered: no prefix was to be had. */
    Instant singlesUntil = Instant.MIN;

    /** Until then nothing shrinks: a pod with a fixed address comes back for what is being added for it. */
    Instant keepUntil = Instant.MIN;

    int orderFailures;
    int removeFailures;
    String trouble = "";
    /** Said to a pod last, because nothing was left for it. */
    Optional<Exhaustion> exhausted = Optional.empty();

    IpamCommand.ShowStatus shown;
    /** Computed when asked; emptied when configuration, annotations or limits may have changed. */
    Optional<PoolTargets> targets = Optional.empty();
    /** What the agent was told last. */
    Optional<NodeConfig> configured = Optional.empty();
    /** What the agent was told may no longer be true. */
    boolean reconfigure;

    /** ENIs of another mode may be left on the node. */
    boolean strays = true;
    /** An ENI may have the groups of a pod that is gone. */
    boolean foreignGroups = true;
    /** Limits, ENIs, operations or pods with whole ENIs have changed since capacities were computed. */
    boolean resized = true;

    int capacity;
    int wholeEnis;
    int members;
    /** Some of its ENIs are of a kind that only pods with wishes get. */
    boolean ownEnis;
    /** All of its ENIs are shared by pods: what is free on it is free on one of those. Stands while not {@link #resized}. */
    boolean sharesAll;
    /** Among those that are touched in this step. */
    boolean touched;
    /** When the timer is set for. */
    Instant timer = Instant.MAX;

    /** Last said about this node, so that it is said once. */
    String noticed = "";

    private final Cluster cluster;
    /** None of its addresses has been free for longer. */
    private Instant oldestIdle = Instant.MAX;

    /** Why a pod with these groups gets no ENI until then. */
    record RefusedGroups(Instant until, String why) {}

    NodeState(Cluster cluster, Hello hello) {
        this.cluster = cluster;
        requests = new Requests(cluster, this);
        name = hello.identity().node();
        identity = hello.identity();
        bootId = hello.bootId();
        type = hello.type();
        zone = hello.zone();
    }

    /** A new slot in a state; the caller knows that there is none. */
    Slot add(Ip ip, EniId eni, boolean own, AddressState state) {
        return add(ip, eni, own, Optional.empty(), state);
    }

    Slot add(Ip ip, EniId eni, boolean own, Optional<Cidr> block, AddressState state) {
        Slot slot = new Slot(ip, pool(eni), own, state);
        slot.block = block;
        slots.put(ip, slot);
        cluster.whereabouts.add(ip, this);
        slot.eni.slots.put(ip, slot);
        count(slot, 1);
        enter(slot);
        return slot;
    }

    void move(Slot slot, AddressState next) {
        leave(slot);
        count(slot, -1);
        slot.state = next;
        count(slot, 1);
        enter(slot);
    }

    void sees(CloudInstance instance) {
        cloud = Optional.of(instance);
        coming = instance.enis().stream().anyMatch(eni -> eni.phase() == CloudEni.Phase.COMING);
    }

    /** Whether an address may have been free since then. */
    boolean mayBeIdleSince(Instant then) {
        if (!oldestIdle.isAfter(then)) {
            oldestIdle = Instant.MAX;
            for (EniPool eni : enis.values()) {
                for (Family family : Family.values()) {
                    oldestIdle(eni.oldestIdle(family).orElse(Instant.MAX));
                }
            }
        }
        return !oldestIdle.isAfter(then);
    }

    private void oldestIdle(Instant since) {
        oldestIdle = since.isBefore(oldestIdle) ? since : oldestIdle;
    }

    /** Notes which prefix a slot belongs to. */
    void place(Slot slot, Optional<Cidr> block) {
        if (!slot.block.equals(block)) {
            count(slot, -1);
            slot.block = block;
            count(slot, 1);
        }
    }

    void remove(Slot slot) {
        leave(slot);
        count(slot, -1);
        slots.remove(slot.ip);
        slot.eni.slots.remove(slot.ip);
        cluster.whereabouts.remove(slot.ip, this);
        if (slot.eni.slots.isEmpty() && slot.eni.cloud.isEmpty()) {
            forget(slot.eni.id);
        }
    }

    /** The ENI, known from now on. */
    EniPool pool(EniId id) {
        EniPool pool = enis.get(id);
        if (pool == null) {
            pool = new EniPool(id);
            enis.put(id, pool);
            cluster.whereabouts.add(id);
        }
        return pool;
    }

    /** The ENI is no longer the node's. */
    void forget(EniId id) {
        if (enis.remove(id) != null) {
            cluster.whereabouts.remove(id);
        }
    }

    void bind(Binding binding) {
        Binding before = bindings.put(binding.sandbox(), binding);
        cluster.quotas.count(binding.holder(), 1);
        if (before != null) {
            cluster.quotas.count(before.holder(), -1);
        }
    }

    /** What it held. */
    Optional<Binding> unbind(SandboxKey sandbox) {
        Binding before = bindings.remove(sandbox);
        if (before != null) {
            cluster.quotas.count(before.holder(), -1);
        }
        return Optional.ofNullable(before);
    }

    private void enter(Slot slot) {
        switch (slot.state) {
            case AddressState.Idle idle -> {
                oldestIdle(idle.since());
                slot.eni.idle(slot.ip.family()).add(slot);
                cluster.fixed.keptBack.freed(this, slot.ip);
            }
            case AddressState.Cooling cooling -> coolingUntil.put(slot.ip, cooling.until());
            case AddressState.Supplied _ -> supplied = true;
            case AddressState.Reserved _,
                    AddressState.Bound _,
                    AddressState.Withdrawing _,
                    AddressState.Withdrawn _,
                    AddressState.Unassigning _,
                    AddressState.Gone _ -> {}
        }
    }

    private void leave(Slot slot) {
        if (slot.state instanceof AddressState.Idle) {
            slot.eni.idle(slot.ip.family()).remove(slot);
        } else if (slot.state instanceof AddressState.Cooling) {
            coolingUntil.remove(slot.ip);
        }
    }

    private void count(Slot slot, int delta) {
        Census.Kind kind = Census.Kind.of(slot.state);
        slot.eni.count(slot, kind, delta);
        resized |= kind == Census.Kind.BOUND && slot.eni.dedicated;
        census.add(slot.ip.family(), kind, delta);
        cluster.census.add(slot.ip.family(), kind, delta);
    }

    /** Whether one pod has the ENI, or it was made for one. */
    void dedicate(EniPool eni, boolean dedicated) {
        resized |= eni.dedicated != dedicated;
        eni.dedicated = dedicated;
    }

    boolean serves(EniPool eni, Attachment attachment) {
        Optional<Attachment> role = role(eni);
        return role.isPresent() && role.get() == attachment;
    }

    /** What the node's mode makes of an ENI; empty: no pod gets addresses of it. */
    Optional<Attachment> role(EniPool eni) {
        return Modes.role(mode, eni);
    }

    /** The trunk that carries members, once it is attached. */
    Optional<CloudEni> trunk() {
        return cloud.stream()
                .flatMap(instance -> instance.enis().stream())
                .filter(eni -> eni.ours() && eni.use() == CloudEni.Use.TRUNK && eni.phase() == CloudEni.Phase.IN_USE)
                .findFirst()
                .or(() -> enis.values().stream()
                        .flatMap(eni -> eni.cloud.stream())
                        .filter(eni -> eni.use() == CloudEni.Use.TRUNK)
                        .findFirst());
    }

    int count(Family family, Census.Kind kind) {
        return census.count(family, kind);
    }
}
