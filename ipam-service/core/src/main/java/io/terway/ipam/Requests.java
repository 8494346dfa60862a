package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.SandboxKey;
import io.terway.net.SecurityGroupId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One node's open requests: those that wait for an address, and those an address is kept for. There are few at a time, none
 * as a rule: so nothing here is looked up before it is known that there are any.
 */
final class Requests {

    /** The sandbox of a pod that was asked for before it had one. */
    private static final String AHEAD = "ahead-";

    private final Cluster cluster;
    private final NodeState node;
    private final Map<RequestId, Open> open = new LinkedHashMap<>();
    private final Map<SandboxKey, RequestId> requestOf = new HashMap<>();
    /** Requests of pods whose sandbox was still to come, by the pod's UID. */
    private Map<String, RequestId> ahead = Map.of();

    private final int[] waitingFor = new int[Attachment.values().length];
    private int waiting;
    /** When the first of them ends. */
    private Instant due = Instant.MAX;

    Requests(Cluster cluster, NodeState node) {
        this.cluster = cluster;
        this.node = node;
    }

    /** What a request stands for until then. */
    private record Open(Claim claim, Instant until) {}

    /** What a request has. */
    sealed interface Claim {

        SandboxKey sandbox();
    }

    /**
     * A request without addresses.
     *
     * @param missing the families it lacks; all of them where an address of both must be on one ENI
     */
    record Waiting(SandboxKey sandbox, Set<Family> missing, Attachment attachment, List<SecurityGroupId> groups)
            implements Claim {}

    /** Addresses kept for a request. */
    record Reservation(
            SandboxKey sandbox, Holder holder, List<Slot> slots, Attachment attachment, List<SecurityGroupId> groups)
            implements Claim {

        Reservation {
            slots = List.copyOf(slots);
        }

        List<EniIp> addresses() {
            return slots.size() == 1
                    ? List.of(slots.getFirst().eniIp())
                    : slots.stream().map(Slot::eniIp).toList();
        }
    }

    /** The caller has forgotten what the request had before. */
    void await(RequestId request, Waiting wait, Instant deadline) {
        put(request, wait, deadline);
        cluster.countWaiting(1);
        waiting++;
        waitingFor[wait.attachment().ordinal()]++;
    }

    /** The caller has forgotten what the request had before. */
    void reserve(RequestId request, Reservation reservation, Instant deadline) {
        for (Slot slot : reservation.slots()) {
            node.move(slot, new AddressState.Reserved(request));
        }
        put(request, reservation, deadline);
        cluster.quotas.count(reservation.holder(), 1);
    }

    private void put(RequestId request, Claim claim, Instant deadline) {
        if (open.put(request, new Open(claim, deadline)) != null) {
            throw new IllegalStateException("request " + request + " is open already");
        }
        requestOf.put(claim.sandbox(), request);
        aheadOf(claim.sandbox()).ifPresent(uid -> putAhead(uid, request));
        due = deadline.isBefore(due) ? deadline : due;
    }

    private void putAhead(String uid, RequestId request) {
        ahead = ahead.isEmpty() ? new HashMap<>() : ahead;
        ahead.put(uid, request);
    }

    /** Ends a request: reserved addresses that were not bound are free again. */
    void forget(RequestId request, Instant now) {
        Open over = open.isEmpty() ? null : open.remove(request);
        if (over == null) {
            return;
        }
        if (over.until().equals(due)) {
            due = earliest();
        }
        requestOf.remove(over.claim().sandbox(), request);
        aheadOf(over.claim().sandbox()).ifPresent(uid -> ahead.remove(uid, request));
        switch (over.claim()) {
            case Waiting waited -> {
                cluster.countWaiting(-1);
                waiting--;
                waitingFor[waited.attachment().ordinal()]--;
            }
            case Reservation reservation -> forget(request, reservation, now);
        }
    }

    private void forget(RequestId request, Reservation reservation, Instant now) {
        cluster.quotas.count(reservation.holder(), -1);
        for (Slot slot : reservation.slots()) {
            if (isKept(slot, request)) {
                node.move(slot, new AddressState.Idle(now));
            }
        }
    }

    /** The pod's UID, when there was no sandbox of it yet. */
    private static Optional<String> aheadOf(SandboxKey sandbox) {
        String container = sandbox.containerId();
        return container.startsWith(AHEAD) ? Optional.of(container.substring(AHEAD.length())) : Optional.empty();
    }

    private Instant earliest() {
        Instant first = Instant.MAX;
        for (Open one : open.values()) {
            first = one.until().isBefore(first) ? one.until() : first;
        }
        return first;
    }

    /** The cloud may have shown the address on another ENI meanwhile: then the slot is another one. */
    boolean isKept(Slot slot, RequestId request) {
        return slot.state instanceof AddressState.Reserved kept
                && kept.request().equals(request)
                && node.slots.get(slot.ip) == slot;
    }

    void forgetAll(Instant now) {
        List.copyOf(open.keySet()).forEach(request -> forget(request, now));
    }

    void expire(Instant now) {
        if (due.isAfter(now)) {
            return;
        }
        List<RequestId> over = new ArrayList<>();
        open.forEach((request, one) -> {
            if (!one.until().isAfter(now)) {
                over.add(request);
            }
        });
        over.forEach(request -> forget(request, now));
    }

    Instant nextDue() {
        return due;
    }

    Optional<RequestId> of(SandboxKey sandbox) {
        return open.isEmpty() ? Optional.empty() : Optional.ofNullable(requestOf.get(sandbox));
    }

    /** The request of this sandbox, else the one made for its pod before there was a sandbox. */
    Optional<RequestId> of(SandboxKey sandbox, Holder pod) {
        Optional<RequestId> own = of(sandbox);
        return own.isPresent() || ahead.isEmpty() ? own : Optional.ofNullable(ahead.get(pod.uid()));
    }

    Optional<Reservation> reservation(RequestId request) {
        Open found = open.isEmpty() ? null : open.get(request);
        return found != null && found.claim() instanceof Reservation kept ? Optional.of(kept) : Optional.empty();
    }

    private Stream<Map.Entry<RequestId, Reservation>> reservations() {
        return open.entrySet().stream()
                .filter(entry -> entry.getValue().claim() instanceof Reservation)
                .map(entry ->
                        Map.entry(entry.getKey(), (Reservation) entry.getValue().claim()));
    }

    /** Who addresses are kept for. */
    List<Holder> reserved() {
        return reservations().map(entry -> entry.getValue().holder()).toList();
    }

    /** Requests an address of this ENI is kept for. */
    List<RequestId> keptOn(EniPool eni) {
        return reservations()
                .filter(entry -> entry.getValue().slots().stream().anyMatch(slot -> slot.eni == eni))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Requests that wait, all kinds. */
    int waiting() {
        return waiting;
    }

    /** Requests that wait to be connected this way. */
    int waiting(Attachment attachment) {
        return waiting == 0 ? 0 : waitingFor[attachment.ordinal()];
    }

    /** What those ask for, first come first. */
    List<Waiting> waitingFor(Attachment attachment) {
        if (waiting(attachment) == 0) {
            return List.of();
        }
        List<Waiting> found = new ArrayList<>();
        for (Open one : open.values()) {
            if (one.claim() instanceof Waiting wait && wait.attachment() == attachment) {
                found.add(wait);
            }
        }
        return found;
    }
}
