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

/** One node's open requests: those that wait for an address, and those an address is kept for. */
final class Requests {

    /** The sandbox of a pod that was asked for before it had one. */
    private static final String AHEAD = "ahead-";

    private final Cluster cluster;
    private final NodeState node;
    private final Map<RequestId, Waiting> waiting = new LinkedHashMap<>();
    private final Map<RequestId, Reservation> reservations = new HashMap<>();
    private final Map<SandboxKey, RequestId> requestOf = new HashMap<>();
    /** Requests of pods whose sandbox was still to come, by the pod's UID. */
    private final Map<String, RequestId> ahead = new HashMap<>();

    private final Deadlines<RequestId> until = new Deadlines<>();
    private final int[] waitingFor = new int[Attachment.values().length];

    Requests(Cluster cluster, NodeState node) {
        this.cluster = cluster;
        this.node = node;
    }

    /**
     * A request without addresses.
     *
     * @param missing the families it lacks; all of them where an address of both must be on one ENI
     */
    record Waiting(SandboxKey sandbox, Set<Family> missing, Attachment attachment, List<SecurityGroupId> groups) {}

    /** Addresses kept for a request. */
    record Reservation(
            SandboxKey sandbox, Holder holder, List<Slot> slots, Attachment attachment, List<SecurityGroupId> groups) {

        Reservation {
            slots = List.copyOf(slots);
        }

        List<EniIp> addresses() {
            return slots.size() == 1
                    ? List.of(slots.getFirst().eniIp())
                    : slots.stream().map(Slot::eniIp).toList();
        }
    }

    void await(RequestId request, Waiting wait, Instant deadline) {
        if (waiting.put(request, wait) == null) {
            cluster.countWaiting(1);
            waitingFor[wait.attachment().ordinal()]++;
        }
        open(request, wait.sandbox(), deadline);
    }

    private void open(RequestId request, SandboxKey sandbox, Instant deadline) {
        requestOf.put(sandbox, request);
        aheadOf(sandbox).ifPresent(uid -> ahead.put(uid, request));
        until.put(request, deadline);
    }

    private void close(RequestId request, SandboxKey sandbox) {
        requestOf.remove(sandbox, request);
        aheadOf(sandbox).ifPresent(uid -> ahead.remove(uid, request));
    }

    /** The pod's UID, when there was no sandbox of it yet. */
    private static Optional<String> aheadOf(SandboxKey sandbox) {
        String container = sandbox.containerId();
        return container.startsWith(AHEAD) ? Optional.of(container.substring(AHEAD.length())) : Optional.empty();
    }

    void reserve(RequestId request, Reservation reservation, Instant deadline) {
        for (Slot slot : reservation.slots()) {
            node.move(slot, new AddressState.Reserved(request));
        }
        reservations.put(request, reservation);
        cluster.quotas.count(reservation.holder(), 1);
        open(request, reservation.sandbox(), deadline);
    }

    /** Ends a request: reserved addresses that were not bound are free again. */
    void forget(RequestId request, Instant now) {
        until.remove(request);
        Waiting waited = waiting.remove(request);
        if (waited != null) {
            cluster.countWaiting(-1);
            waitingFor[waited.attachment().ordinal()]--;
            close(request, waited.sandbox());
        }
        Reservation reservation = reservations.remove(request);
        if (reservation != null) {
            cluster.quotas.count(reservation.holder(), -1);
            close(request, reservation.sandbox());
            for (Slot slot : reservation.slots()) {
                if (isKept(slot, request)) {
                    node.move(slot, new AddressState.Idle(now));
                }
            }
        }
    }

    /** The cloud may have shown the address on another ENI meanwhile: then the slot is another one. */
    boolean isKept(Slot slot, RequestId request) {
        return slot.state instanceof AddressState.Reserved kept
                && kept.request().equals(request)
                && node.slots.get(slot.ip) == slot;
    }

    void forgetAll(Instant now) {
        List.copyOf(requestOf.values()).forEach(request -> forget(request, now));
    }

    void expire(Instant now) {
        for (Optional<RequestId> due = until.poll(now); due.isPresent(); due = until.poll(now)) {
            forget(due.get(), now);
        }
    }

    Instant nextDue() {
        return until.firstOrMax();
    }

    Optional<RequestId> of(SandboxKey sandbox) {
        return Optional.ofNullable(requestOf.get(sandbox));
    }

    /** The request of this sandbox, else the one made for its pod before there was a sandbox. */
    Optional<RequestId> of(SandboxKey sandbox, Holder pod) {
        RequestId own = requestOf.get(sandbox);
        return own != null || ahead.isEmpty() ? Optional.ofNullable(own) : Optional.ofNullable(ahead.get(pod.uid()));
    }

    Optional<Reservation> reservation(RequestId request) {
        return Optional.ofNullable(reservations.get(request));
    }

    /** Who addresses are kept for. */
    List<Holder> reserved() {
        return reservations.values().stream().map(Reservation::holder).toList();
    }

    /** Requests an address of this ENI is kept for. */
    List<RequestId> keptOn(EniPool eni) {
        List<RequestId> found = new ArrayList<>();
        reservations.forEach((request, reservation) -> {
            if (reservation.slots().stream().anyMatch(slot -> slot.eni == eni)) {
                found.add(request);
            }
        });
        return found;
    }

    /** Requests that wait, all kinds. */
    int waiting() {
        return waiting.size();
    }

    /** Requests that wait to be connected this way. */
    int waiting(Attachment attachment) {
        return waitingFor[attachment.ordinal()];
    }

    /** What those ask for, first come first. */
    List<Waiting> waitingFor(Attachment attachment) {
        if (waiting(attachment) == 0) {
            return List.of();
        }
        return waiting.values().stream()
                .filter(wait -> wait.attachment() == attachment)
                .toList();
    }
}
