package io.terway.ipam;

import io.terway.ipam.AllocateOutcome.Pending;
import io.terway.ipam.AllocateOutcome.Proposed;
import io.terway.ipam.AllocateOutcome.Refused;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a pod with a fixed address is answered. The first address is written down before it is given; later lives of the
 * pod get the same one on whatever node of its zone, and each of their questions does the next step of its way there.
 */
final class FixedPods {

    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration STEP = Duration.ofMillis(300);
    private static final Duration LATER = Duration.ofSeconds(1);

    private final Cluster cluster;
    private final Operations operations;
    private final OwnEnis ownEnis;
    private final Demand demand;
    private final FixedRoom room;
    private final FixedMoves moves;
    private final FixedHandovers handovers;
    private final Choosing choosing;

    FixedPods(Cluster cluster, Operations operations, OwnEnis ownEnis, Demand demand) {
        this.cluster = cluster;
        this.operations = operations;
        this.ownEnis = ownEnis;
        this.demand = demand;
        room = new FixedRoom(cluster, operations);
        moves = new FixedMoves(cluster, operations, room);
        handovers = new FixedHandovers(cluster, moves);
        choosing = new Choosing(cluster);
    }

    FixedHandovers handovers() {
        return handovers;
    }

    AllocateOutcome outcome(NodeState node, IpamEvent.Allocate event, PodWishes wishes, Instant now) {
        Binding held = node.bindings.get(event.sandbox());
        if (held != null) {
            return new Proposed(held.addresses(), held.fixed(), held.attachment());
        }
        PodRef pod = event.holder().pod();
        if (!cluster.fixed.listed()) {
            return new Pending(LATER, "the PodNetInfos of the cluster are being listed");
        }
        if (cluster.fixed.isWriting(pod)) {
            return new Pending(SOON, "PodNetInfo " + pod + " is being written");
        }
        node.requests.of(event.sandbox(), event.holder()).ifPresent(before -> node.requests.forget(before, now));
        node.requests.forget(event.request(), now);
        Optional<String> overQuota = cluster.quotas.exceeded(event.holder());
        if (overQuota.isPresent()) {
            return new Refused(AllocateOutcome.Why.QUOTA, overQuota.get());
        }
        Optional<String> trouble = cluster.fixed.troubles.of(pod, now);
        if (trouble.isPresent()) {
            cluster.fixed.troubles.tellOnce(event.holder(), "FixedAddressDelayed", trouble.get());
            return new Pending(LATER, trouble.get());
        }
        Optional<FixedAddress> known = cluster.fixed.of(pod);
        return known.isPresent() ? again(node, event, wishes, known.get(), now) : first(node, event, wishes, now);
    }

    private AllocateOutcome refused(IpamEvent.Allocate event, String message) {
        cluster.fixed.troubles.tellOnce(event.holder(), "FixedAddressRefused", message);
        return new Refused(AllocateOutcome.Why.FIXED_ADDRESS, message);
    }

    private AllocateOutcome first(NodeState node, IpamEvent.Allocate event, PodWishes wishes, Instant now) {
        int most = cluster.fixed.settings.most();
        if (cluster.fixed.size() >= most) {
            return refused(
                    event,
                    "pod " + event.holder().pod() + " gets no fixed address: " + most
                            + " are kept already, which terway.fixed.most allows; delete PodNetInfos that nobody needs");
        }
        Retention retention;
        try {
            retention = Retention.of(event.annotations(), cluster.fixed.settings.retention());
        } catch (IllegalArgumentException e) {
            return new Refused(
                    AllocateOutcome.Why.BAD_POD, "pod " + event.holder().pod() + ": " + e.getMessage());
        }
        Attachment attachment = Attachments.of(cluster, node, wishes);
        List<Slot> chosen = attachment.wholeEni()
                ? choosing.choose(node, attachment, event.families(), event.refused(), wishes.groups())
                : choose(node, event);
        if (chosen.isEmpty()) {
            return attachment.wholeEni()
                    ? waiting(node, event, attachment, wishes, now)
                    : demand.exhausted(node, event, attachment, now)
                            .orElseGet(() -> new Pending(STEP, room.another(node, event.families(), now)));
        }
        CloudEni eni = chosen.getFirst().eni.cloud.orElseThrow();
        reserve(node, event, chosen, attachment, wishes);
        cluster.fixed.write(new FixedAddress(
                event.holder().pod(),
                "",
                chosen.stream().map(slot -> slot.ip).toList(),
                eni.vSwitch(),
                node.zone,
                Optional.of(FixedAddress.Place.of(node, eni)),
                attachment,
                retention,
                Duration.ZERO));
        return new Pending(SOON, "PodNetInfo " + event.holder().pod() + " is being written");
    }

    /** ENIs that rest for other pods make room. */
    private AllocateOutcome waiting(
            NodeState node, IpamEvent.Allocate event, Attachment attachment, PodWishes wishes, Instant now) {
        AllocateOutcome outcome = demand.wait(node, event, attachment, wishes, now);
        return outcome instanceof Pending && Room.of(node, attachment, false) == 0
                ? moves.restElsewhere(node, now)
                        .<AllocateOutcome>map(what -> new Pending(STEP, what))
                        .orElse(outcome)
                : outcome;
    }

    /** Single secondaries of one ENI: neither its own address nor one of a prefix can move to another node. */
    private List<Slot> choose(NodeState node, IpamEvent.Allocate event) {
        for (EniPool eni : node.enis.values()) {
            if (!eni.usable()
                    || !node.serves(eni, Attachment.SHARED)
                    || eni.use() != CloudEni.Use.SECONDARY
                    || OwnEnis.foreignGroups(cluster, node, eni)) {
                continue;
            }
            List<Slot> found = new ArrayList<>(2);
            for (Family family : Family.values()) {
                if (event.families().contains(family)) {
                    eni.idle(family).stream()
                            .filter(slot -> FixedRoom.isSingle(slot)
                                    && !event.refused().contains(slot.ip)
                                    && !cluster.fixed.owns(slot.ip))
                            .findFirst()
                            .ifPresent(found::add);
                }
            }
            if (found.size() == event.families().size()) {
                return found;
            }
        }
        return List.of();
    }

    private Requests.Reservation reserve(
            NodeState node, IpamEvent.Allocate event, List<Slot> slots, Attachment attachment, PodWishes wishes) {
        var reservation = new Requests.Reservation(event.sandbox(), event.holder(), slots, attachment, wishes.groups());
        if (attachment == Attachment.EXCLUSIVE) {
            node.dedicate(slots.getFirst().eni, true);
        }
        node.requests.reserve(event.request(), reservation, event.deadline().plus(Allocations.GRACE));
        return reservation;
    }

    private AllocateOutcome again(
            NodeState node, IpamEvent.Allocate event, PodWishes wishes, FixedAddress known, Instant now) {
        Attachment attachment = known.attachment().wholeEni() && (wishes.needsOwnEni() || !sharing(node))
                ? Attachments.own(cluster, node)
                : Attachments.of(cluster, node, wishes);
        Optional<String> wrong = misfit(node, event, known, attachment);
        if (wrong.isPresent()) {
            return refused(event, wrong.get());
        }
        Optional<NodeName> foreign = handovers.foreign(known);
        if (foreign.isPresent()) {
            return new Pending(STEP, handovers.ask(node, known, foreign.get(), now));
        }
        if (!handovers.recall(known.pod())) {
            return new Pending(STEP, "fixed address of pod " + known.pod() + " is being handed to another shard");
        }
        List<Slot> here = new ArrayList<>(2);
        List<Ip> missing = new ArrayList<>(2);
        for (Ip ip : known.addresses()) {
            Slot slot = node.slots.get(ip);
            if (slot == null || slot.state instanceof AddressState.Gone) {
                missing.add(ip);
            } else {
                here.add(slot);
            }
        }
        return missing.isEmpty()
                ? here(node, event, wishes, here, attachment, now)
                : new Pending(STEP, moves.bring(node, known, attachment, here, missing, now));
    }

    private static boolean sharing(NodeState node) {
        return node.mode == EniConfig.Mode.ENIIP;
    }

    private Optional<String> misfit(
            NodeState node, IpamEvent.Allocate event, FixedAddress known, Attachment attachment) {
        if (!known.zone().equals(node.zone)) {
            return Optional.of("pod " + known.pod() + " has the fixed address " + known.addresses() + " of zone "
                    + known.zone() + " (" + known.vSwitch() + "), but node " + node.name + " is in zone " + node.zone
                    + "; let the pod run in its zone, or delete PodNetInfo " + known.pod()
                    + " to give it another address");
        }
        if (known.attachment().wholeEni() != attachment.wholeEni()) {
            return Optional.of("pod " + known.pod() + " keeps "
                    + (known.attachment().wholeEni() ? "a whole ENI" : "an address of a shared ENI")
                    + " (" + known.addresses() + "), but on node " + node.name + " it would get "
                    + (attachment.wholeEni() ? "a whole ENI" : "an address of a shared ENI")
                    + "; delete PodNetInfo " + known.pod() + " to give it another address");
        }
        for (Ip ip : known.addresses()) {
            Optional<PodRef> owner = cluster.fixed.owner(ip).filter(other -> !other.equals(known.pod()));
            if (owner.isPresent()) {
                return Optional.of("fixed address " + ip + " of pod " + known.pod() + " is also that of pod "
                        + owner.get() + "; delete one of the two PodNetInfos");
            }
        }
        Set<Family> families = EnumSet.noneOf(Family.class);
        known.addresses().forEach(ip -> families.add(ip.family()));
        return families.equals(event.families())
                ? Optional.empty()
                : Optional.of("pod " + known.pod() + " has the fixed address " + known.addresses() + ", but needs "
                        + event.families() + "; delete PodNetInfo " + known.pod() + " to give it others");
    }

    /** The address is on this node's ENIs. */
    private AllocateOutcome here(
            NodeState node,
            IpamEvent.Allocate event,
            PodWishes wishes,
            List<Slot> slots,
            Attachment attachment,
            Instant now) {
        List<Slot> unoffered = new ArrayList<>(2);
        for (Slot slot : slots) {
            if (slot.state instanceof AddressState.Reserved(RequestId other)) {
                node.requests.forget(other, now); // an earlier life of the pod; the agent's commit decides
            }
            switch (slot.state) {
                case AddressState.Idle _ -> {}
                case AddressState.Cooling _ -> {
                    if (slot.unoffered) {
                        return new Pending(LATER, "fixed address " + slot.ip + " rests on this node");
                    }
                }
                // A higher offer cancels a withdrawal that is under way (rule 1).
                case AddressState.Supplied _, AddressState.Withdrawn _, AddressState.Withdrawing _ ->
                    unoffered.add(slot);
                case AddressState.Bound bound -> {
                    return new Pending(STEP, heldBy(slot, bound.binding(), node, event));
                }
                case AddressState.Reserved _, AddressState.Unassigning _, AddressState.Gone _ -> {
                    return new Pending(SOON, "fixed address " + slot.ip + " is changing hands on node " + node.name);
                }
            }
        }
        if (!operations.withdrawals().offerFixed(node, unoffered, now)) {
            return new Pending(STEP, "fixed address of pod " + event.holder().pod() + " is still offered elsewhere");
        }
        Requests.Reservation reservation = reserve(node, event, slots, attachment, wishes);
        boolean unready = !unoffered.isEmpty()
                || slots.stream().anyMatch(slot -> event.refused().contains(slot.ip));
        if (unready) {
            return new Pending(SOON, "fixed address of pod " + event.holder().pod() + " is being offered to the node");
        }
        return attachment.wholeEni()
                ? ownEnis.answer(node, reservation, true, now)
                : new Proposed(reservation.addresses(), true, attachment);
    }

    private String heldBy(Slot slot, Binding binding, NodeState node, IpamEvent.Allocate event) {
        String message = "fixed address " + slot.ip + " is still held by a sandbox of pod "
                + binding.holder().pod() + " on node " + node.name;
        if (!binding.holder().pod().equals(event.holder().pod())) {
            cluster.fixed.troubles.tellOnce(event.holder(), "FixedAddressHeld", message);
        }
        return message;
    }
}
