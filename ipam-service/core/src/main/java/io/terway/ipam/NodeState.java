package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One node's addresses, demand and open operations. Keeps counts and indexes; decides nothing. */
final class NodeState {

    final NodeName name;
    final Map<EniId, EniPool> enis = new LinkedHashMap<>();
    final Map<Ip, Slot> slots = new HashMap<>();
    final Map<SandboxKey, Binding> bindings = new HashMap<>();
    final Map<RequestId, Waiting> waiting = new HashMap<>();
    final Map<RequestId, Reservation> reservations = new HashMap<>();
    final Map<SandboxKey, RequestId> requestOf = new HashMap<>();
    final Map<Long, Operation> operations = new LinkedHashMap<>();
    final Map<EniId, Instant> deletedEnis = new HashMap<>();
    final Deadlines<RequestId> requestUntil = new Deadlines<>();
    final Deadlines<Ip> coolingUntil = new Deadlines<>();
    final Deadlines<Long> resendAt = new Deadlines<>();
    final Census census = new Census();

    NodeIdentity identity;
    ZoneId zone;
    Optional<SessionId> session = Optional.empty();
    Optional<CloudInstance> cloud = Optional.empty();
    String quarantine = "";
    /** Ledger sequence known; entries at or below it are skipped. */
    long sequence;
    /** Highest offer or withdrawal number used. */
    long number;
    /** Supplied addresses that wait to be offered. */
    boolean supplied;

    Instant orderAfter = Instant.MIN;
    Instant removeAfter = Instant.MIN;
    Instant describeAt = Instant.MAX;
    int orderFailures;
    int removeFailures;
    String trouble = "";
    IpamCommand.ShowStatus shown;
    /** Computed when asked; emptied when configuration, annotations or limits may have changed. */
    Optional<PoolTargets> targets = Optional.empty();

    private final Cluster cluster;

    /** A request without addresses. */
    record Waiting(SandboxKey sandbox, Set<Family> families) {}

    /** Addresses kept for a request. */
    record Reservation(SandboxKey sandbox, List<Slot> slots) {}

    NodeState(Cluster cluster, Hello hello) {
        this.cluster = cluster;
        name = hello.identity().node();
        identity = hello.identity();
        zone = hello.zone();
    }

    InstanceLimits limits() {
        return cloud.map(CloudInstance::limits).orElse(InstanceLimits.UNKNOWN);
    }

    /** The family that pool sizes count: IPv6 only where there is nothing else. */
    Family countedFamily(EniConfig.Stack stack) {
        return stack.families().contains(Family.IPV4) ? Family.IPV4 : Family.IPV6;
    }

    /** A new slot in a state; the caller knows that there is none. */
    Slot add(Ip ip, EniId eni, boolean own, AddressState state) {
        Slot slot = new Slot(ip, enis.computeIfAbsent(eni, EniPool::new), own, state);
        slots.put(ip, slot);
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

    void remove(Slot slot) {
        leave(slot);
        count(slot, -1);
        slots.remove(slot.ip);
        slot.eni.slots.remove(slot.ip);
        cluster.offeredOn.remove(slot.ip, name);
        if (slot.eni.slots.isEmpty() && slot.eni.cloud.isEmpty()) {
            enis.remove(slot.eni.id);
        }
    }

    private void enter(Slot slot) {
        switch (slot.state) {
            case AddressState.Idle _ -> slot.eni.idle(slot.ip.family()).add(slot);
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
        slot.eni.census.add(slot.ip.family(), kind, delta);
        census.add(slot.ip.family(), kind, delta);
        cluster.census.add(slot.ip.family(), kind, delta);
    }

    void await(RequestId request, Waiting wait, Instant deadline) {
        if (waiting.put(request, wait) == null) {
            cluster.countWaiting(1);
        }
        requestOf.put(wait.sandbox(), request);
        requestUntil.put(request, deadline);
    }

    void reserve(RequestId request, Reservation reservation, Instant until) {
        for (Slot slot : reservation.slots()) {
            move(slot, new AddressState.Reserved(request));
        }
        reservations.put(request, reservation);
        requestOf.put(reservation.sandbox(), request);
        requestUntil.put(request, until);
    }

    /** Ends a request: reserved addresses that were not bound are free again. */
    void forget(RequestId request, Instant now) {
        requestUntil.remove(request);
        Waiting waited = waiting.remove(request);
        if (waited != null) {
            cluster.countWaiting(-1);
            requestOf.remove(waited.sandbox(), request);
        }
        Reservation reservation = reservations.remove(request);
        if (reservation != null) {
            requestOf.remove(reservation.sandbox(), request);
            for (Slot slot : reservation.slots()) {
                if (slot.state instanceof AddressState.Reserved kept
                        && kept.request().equals(request)) {
                    move(slot, new AddressState.Idle(now));
                }
            }
        }
    }

    int waiting(Family family) {
        int count = 0;
        for (Waiting wait : waiting.values()) {
            count += wait.families().contains(family) ? 1 : 0;
        }
        return count;
    }

    int inFlight(Family family) {
        int sum = 0;
        boolean creating = false;
        for (Operation operation : operations.values()) {
            sum += operation.brings(family);
            creating |= operation.creates();
        }
        // After a restart the creates of the former leader are seen only as ENIs on their way.
        if (!creating) {
            sum += coming(family);
        }
        return sum;
    }

    private int coming(Family family) {
        if (cloud.isEmpty()) {
            return 0;
        }
        int sum = 0;
        for (CloudEni eni : cloud.get().enis()) {
            if (eni.pooled() && eni.phase() == CloudEni.Phase.COMING) {
                for (Ip ip : eni.all()) {
                    sum += ip.family() == family ? 1 : 0;
                }
            }
        }
        return sum;
    }

    int creating() {
        int count = 0;
        for (Operation operation : operations.values()) {
            count += operation.creates() ? 1 : 0;
        }
        return count;
    }

    /** ENIs that could still be attached. */
    int eniRoom() {
        if (cloud.isEmpty()) {
            return 0;
        }
        int inUse = 0;
        int coming = 0;
        for (CloudEni eni : cloud.get().enis()) {
            inUse += eni.phase() == CloudEni.Phase.IN_USE ? 1 : 0;
            coming += eni.phase() == CloudEni.Phase.COMING ? 1 : 0;
        }
        return Math.max(0, limits().enis() - inUse - Math.max(coming, creating()));
    }

    /** Addresses of this family that could still be added without taking any off. */
    int room(Family family) {
        int perEni = limits().perEni(family);
        int room = eniRoom() * perEni;
        for (EniPool eni : enis.values()) {
            room += eni.usable() ? Math.max(0, perEni - eni.used(family)) : 0;
        }
        return room;
    }

    int count(Family family, Census.Kind kind) {
        return census.count(family, kind);
    }
}
