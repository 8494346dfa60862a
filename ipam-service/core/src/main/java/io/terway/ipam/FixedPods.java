package io.terway.ipam;

import io.terway.ipam.AllocateOutcome.Pending;
import io.terway.ipam.AllocateOutcome.Proposed;
import io.terway.ipam.AllocateOutcome.Refused;
import io.terway.net.Family;
import io.terway.net.Ip;
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
    private final FixedRoom room;

    FixedPods(Cluster cluster, Operations operations) {
        this.cluster = cluster;
        this.operations = operations;
        room = new FixedRoom(cluster, operations);
    }

    AllocateOutcome outcome(NodeState node, IpamEvent.Allocate event, Instant now) {
        Binding held = node.bindings.get(event.sandbox());
        if (held != null) {
            return new Proposed(held.addresses(), held.fixed(), held.attachment());
        }
        PodRef pod = event.holder().pod();
        if (node.mode != EniConfig.Mode.ENIIP) {
            return refused(
                    event,
                    "pod " + pod + " asks for a fixed address, which network_mode " + node.mode
                            + " does not have yet; remove annotation " + PodWishes.FIXED + " or use ENIIP");
        }
        if (cluster.fixed.isWriting(pod)) {
            return new Pending(SOON, "PodNetInfo " + pod + " is being written");
        }
        node.requests.of(event.sandbox()).ifPresent(before -> node.requests.forget(before, now));
        node.requests.forget(event.request(), now);
        Optional<String> overQuota = cluster.quotas.exceeded(event.holder());
        if (overQuota.isPresent()) {
            return new Refused(AllocateOutcome.Why.QUOTA, overQuota.get());
        }
        Optional<String> trouble = cluster.fixed.trouble(pod, now);
        if (trouble.isPresent()) {
            cluster.fixed.tellOnce(event.holder(), "FixedAddressDelayed", trouble.get());
            return new Pending(LATER, trouble.get());
        }
        Optional<FixedAddress> known = cluster.fixed.of(pod);
        return known.isPresent() ? again(node, event, known.get(), now) : first(node, event, now);
    }

    private AllocateOutcome refused(IpamEvent.Allocate event, String message) {
        cluster.fixed.tellOnce(event.holder(), "FixedAddressRefused", message);
        return new Refused(AllocateOutcome.Why.FIXED_ADDRESS, message);
    }

    private AllocateOutcome first(NodeState node, IpamEvent.Allocate event, Instant now) {
        List<Slot> chosen = choose(node, event);
        if (chosen.isEmpty()) {
            return new Pending(STEP, room.another(node, event.families(), now));
        }
        CloudEni eni = chosen.getFirst().eni.cloud.orElseThrow();
        reserve(node, event, chosen);
        cluster.fixed.write(new FixedAddress(
                event.holder().pod(),
                "",
                chosen.stream().map(slot -> slot.ip).toList(),
                eni.vSwitch(),
                node.zone,
                Optional.of(FixedAddresses.place(node, eni))));
        return new Pending(SOON, "PodNetInfo " + event.holder().pod() + " is being written");
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

    private void reserve(NodeState node, IpamEvent.Allocate event, List<Slot> slots) {
        var reservation =
                new Requests.Reservation(event.sandbox(), event.holder(), slots, Attachment.SHARED, List.of());
        node.requests.reserve(event.request(), reservation, event.deadline().plus(Allocations.GRACE));
    }

    private AllocateOutcome again(NodeState node, IpamEvent.Allocate event, FixedAddress known, Instant now) {
        Optional<String> wrong = misfit(node, event, known);
        if (wrong.isPresent()) {
            return refused(event, wrong.get());
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
                ? here(node, event, here, now)
                : new Pending(STEP, bring(node, known, here, missing, now));
    }

    private Optional<String> misfit(NodeState node, IpamEvent.Allocate event, FixedAddress known) {
        if (!known.zone().equals(node.zone)) {
            return Optional.of("pod " + known.pod() + " has the fixed address " + known.addresses() + " of zone "
                    + known.zone() + " (" + known.vSwitch() + "), but node " + node.name + " is in zone " + node.zone
                    + "; let the pod run in its zone, or delete PodNetInfo " + known.pod()
                    + " to give it another address");
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
    private AllocateOutcome here(NodeState node, IpamEvent.Allocate event, List<Slot> slots, Instant now) {
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
        reserve(node, event, slots);
        boolean unready = !unoffered.isEmpty()
                || slots.stream().anyMatch(slot -> event.refused().contains(slot.ip));
        return unready
                ? new Pending(SOON, "fixed address of pod " + event.holder().pod() + " is being offered to the node")
                : new Proposed(slots.stream().map(Slot::eniIp).toList(), true, Attachment.SHARED);
    }

    private String heldBy(Slot slot, Binding binding, NodeState node, IpamEvent.Allocate event) {
        String message = "fixed address " + slot.ip + " is still held by a sandbox of pod "
                + binding.holder().pod() + " on node " + node.name;
        if (!binding.holder().pod().equals(event.holder().pod())) {
            cluster.fixed.tellOnce(event.holder(), "FixedAddressHeld", message);
        }
        return message;
    }

    /** The next step towards this node; says what is waited for. */
    private String bring(NodeState node, FixedAddress known, List<Slot> here, List<Ip> missing, Instant now) {
        for (Ip ip : missing) {
            Optional<NodeState> other = cluster.fixed.elsewhere(ip, node);
            if (other.isPresent()) {
                return leave(other.get(), other.get().slots.get(ip), now);
            }
        }
        Optional<EniPool> eni = here.isEmpty()
                ? room.on(node, Optional.of(known.vSwitch()), families(missing))
                : Optional.of(here.getFirst().eni);
        if (eni.isEmpty()) {
            return room.make(node, known.vSwitch(), now);
        }
        if (eni.get().operation == 0) {
            operations.open(
                    node,
                    new PoolCommand.AssignAddresses(
                            cluster.nextOperation(),
                            node.identity.instance(),
                            eni.get().id,
                            PoolCommand.Counts.NONE,
                            missing));
        }
        return "fixed address " + missing + " is being assigned to " + eni.get().id + " of node " + node.name;
    }

    private static Set<Family> families(List<Ip> addresses) {
        Set<Family> families = EnumSet.noneOf(Family.class);
        addresses.forEach(ip -> families.add(ip.family()));
        return families;
    }

    /** The next step away from the node it was at: its agent lets go first (rule 9). */
    private String leave(NodeState from, Slot slot, Instant now) {
        cluster.touch(from);
        if (slot.state instanceof AddressState.Reserved(RequestId request)) {
            from.requests.forget(request, now);
        }
        String moving = "fixed address " + slot.ip + " is being taken off node " + from.name;
        return switch (slot.state) {
            case AddressState.Bound bound ->
                "fixed address " + slot.ip + " is still held by a sandbox of pod "
                        + bound.binding().holder().pod() + " on node " + from.name;
            case AddressState.Cooling _ -> "fixed address " + slot.ip + " cools down on node " + from.name;
            case AddressState.Idle _ -> {
                operations.withdrawals().ask(from, List.of(slot), List.of());
                yield moving;
            }
            case AddressState.Withdrawing _ ->
                from.session.isPresent()
                        ? moving
                        : moving + ", whose agent does not answer: it must confirm first, or its instance must be gone";
            // What the agent in session does not name in its ledger it cannot use.
            case AddressState.Supplied _ -> {
                unassign(from, slot);
                yield moving;
            }
            case AddressState.Withdrawn _ -> {
                unassign(from, slot);
                yield moving;
            }
            case AddressState.Reserved _, AddressState.Unassigning _, AddressState.Gone _ -> moving;
        };
    }

    private void unassign(NodeState from, Slot slot) {
        if (slot.eni.operation != 0 || from.session.isEmpty() || !FixedRoom.isSingle(slot)) {
            return;
        }
        long operation = cluster.nextOperation();
        from.move(slot, new AddressState.Unassigning(operation));
        operations.open(
                from,
                new PoolCommand.UnassignAddresses(
                        operation, from.identity.instance(), slot.eni.id, List.of(slot.ip), List.of()));
    }
}
