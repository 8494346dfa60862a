package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The way of a fixed address, or of a whole ENI, from the node it was at to the one its pod runs on. Each call does the
 * next step and says what is waited for.
 */
final class FixedMoves {

    private final Cluster cluster;
    private final Operations operations;
    private final FixedRoom room;

    FixedMoves(Cluster cluster, Operations operations, FixedRoom room) {
        this.cluster = cluster;
        this.operations = operations;
        this.room = room;
    }

    /** The next step towards this node; says what is waited for. */
    String bring(
            NodeState node, FixedAddress known, Attachment attachment, List<Slot> here, List<Ip> missing, Instant now) {
        Optional<String> leaving = leaveOthers(Optional.of(node), missing, attachment, now);
        if (leaving.isPresent()) {
            return leaving.get();
        }
        boolean back =
                known.place().filter(last -> last.node().equals(node.name)).isPresent();
        Optional<String> silent = back ? Optional.empty() : silent(known);
        if (silent.isPresent()) {
            return silent.get();
        }
        return attachment.wholeEni() ? attach(node, known, attachment, now) : assign(node, known, here, missing, now);
    }

    /** The next step off our nodes, for a node of another shard; empty: it is at none of ours, nor on its way to one. */
    Optional<String> letGo(FixedAddress known, Instant now) {
        return leaveOthers(Optional.empty(), known.addresses(), known.attachment(), now)
                .or(() -> known.addresses().stream().anyMatch(cluster.whereabouts::isComing)
                        ? Optional.of("fixed address " + known.addresses() + " is on its way to a node")
                        : silent(known));
    }

    private Optional<String> leaveOthers(
            Optional<NodeState> here, List<Ip> addresses, Attachment attachment, Instant now) {
        for (Ip ip : addresses) {
            Optional<NodeState> other = cluster.fixed.elsewhere(ip, here);
            if (other.isPresent()) {
                Slot slot = other.get().slots.get(ip);
                return Optional.of(
                        attachment.wholeEni() ? leave(other.get(), slot.eni, now) : leave(other.get(), slot, now));
            }
        }
        return Optional.empty();
    }

    /** Rule 9: what a node had that has not spoken in this term stays there while its machine is seen with it. */
    private Optional<String> silent(FixedAddress known) {
        FixedAddress.Place place = known.place().orElse(null);
        if (place == null || cluster.byInstance.containsKey(place.instance())) {
            return Optional.empty();
        }
        CloudInstance machine = cluster.instances.get(place.instance());
        boolean there = machine != null
                && machine.enis().stream()
                        .anyMatch(eni -> eni.id().equals(place.eni())
                                && eni.phase() != CloudEni.Phase.LEAVING
                                && eni.all().containsAll(known.addresses()));
        return there
                ? Optional.of("fixed address " + known.addresses() + " is still on node " + place.node()
                        + ", whose agent has not spoken since this leader began; start it, or release its instance")
                : Optional.empty();
    }

    private String assign(NodeState node, FixedAddress known, List<Slot> here, List<Ip> missing, Instant now) {
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

    /** The ENI hangs on no machine: the node's next. */
    private String attach(NodeState node, FixedAddress known, Attachment attachment, Instant now) {
        if (known.place().isEmpty()) {
            return "PodNetInfo " + known.pod()
                    + " does not say which ENI its pod keeps; delete it to give the pod another";
        }
        EniId eni = known.place().get().eni();
        String coming = eni + " with fixed address " + known.addresses() + " is being attached to node " + node.name;
        if (node.operations.values().stream()
                .anyMatch(operation -> operation.eni().equals(Optional.of(eni)))) {
            return coming;
        }
        if (node.cloud.isEmpty()) {
            return "eni-manager has not shown instance " + node.identity.instance() + " yet";
        }
        boolean member = attachment == Attachment.TRUNK_MEMBER;
        if (member && node.trunk().isEmpty()) {
            return "the trunk ENI of node " + node.name + " is being attached";
        }
        if (Room.of(node, attachment, false) == 0) {
            return makeWay(node, attachment, now);
        }
        operations.open(
                node,
                new PoolCommand.AttachEni(
                        cluster.nextOperation(),
                        node.identity.instance(),
                        eni,
                        known.addresses(),
                        attachment,
                        member ? node.trunk().map(CloudEni::id) : Optional.empty()));
        return coming;
    }

    /** All slots are taken: an ENI that no pod has gives way. */
    private String makeWay(NodeState node, Attachment attachment, Instant now) {
        String waiting = "an ENI that no pod has makes room on node " + node.name;
        for (EniPool eni : node.enis.values()) {
            boolean leaving = eni.dropping
                    || eni.operation != 0
                    || eni.census.count(Census.Kind.UNASSIGNING) + eni.census.count(Census.Kind.WITHDRAWING) > 0;
            if (leaving && node.role(eni).isPresent()) {
                return waiting;
            }
        }
        for (EniPool eni : node.enis.values()) {
            boolean idle = eni.usable()
                    && eni.use() != CloudEni.Use.TRUNK
                    && (eni.use() == CloudEni.Use.MEMBER) == (attachment == Attachment.TRUNK_MEMBER)
                    && node.role(eni).isPresent()
                    && eni.census.count(Census.Kind.IDLE) == eni.slots.size()
                    && eni.all().stream().noneMatch(slot -> cluster.fixed.owns(slot.ip));
            if (idle) {
                eni.dropping = true;
                operations.withdrawals().ask(node, eni.in(Census.Kind.IDLE), List.of(eni.id));
                return waiting;
            }
        }
        return restElsewhere(node, now)
                .orElse("no ENI slot is left on node " + node.name + " and pods have all ENIs; move a pod away");
    }

    /** An ENI that its pod has left behind is detached and kept. */
    Optional<String> restElsewhere(NodeState node, Instant now) {
        for (EniPool eni : node.enis.values()) {
            if (eni.free() && eni.use() != CloudEni.Use.TRUNK && cluster.fixed.keeps(eni)) {
                return Optional.of(leave(node, eni, now));
            }
        }
        return Optional.empty();
    }

    /** The next step of a whole ENI away from the node it was at: its agent lets go first (rule 9). */
    private String leave(NodeState from, EniPool eni, Instant now) {
        cluster.touch(from);
        List<Slot> offered = new ArrayList<>(2);
        for (Slot slot : eni.all()) {
            if (slot.state instanceof AddressState.Reserved(RequestId request)) {
                from.requests.forget(request, now);
            }
            switch (slot.state) {
                case AddressState.Bound bound -> {
                    return held(slot, bound, from);
                }
                case AddressState.Idle _ -> offered.add(slot);
                case AddressState.Cooling cooling -> {
                    cluster.fixed.rest.hurry(slot.ip, cooling.until());
                    offered.add(slot);
                }
                case AddressState.Withdrawing _, AddressState.Unassigning _ -> {
                    return moving(slot, from);
                }
                case AddressState.Supplied _,
                        AddressState.Withdrawn _,
                        AddressState.Reserved _,
                        AddressState.Gone _ -> {}
            }
        }
        Slot first = eni.all().iterator().next();
        if (!offered.isEmpty()) {
            operations.withdrawals().ask(from, offered, List.of(eni.id));
        } else if (eni.operation == 0
                && from.session.isPresent()
                && eni.cloud.isPresent()
                && !now.isBefore(from.removeAfter)) {
            long operation = cluster.nextOperation();
            cluster.fixed.leaves(from, eni);
            List.copyOf(eni.all()).forEach(slot -> from.move(slot, new AddressState.Unassigning(operation)));
            operations.open(from, new PoolCommand.DetachEni(operation, from.identity.instance(), eni.id));
        }
        return moving(first, from);
    }

    private static String held(Slot slot, AddressState.Bound bound, NodeState from) {
        return "fixed address " + slot.ip + " is still held by a sandbox of pod "
                + bound.binding().holder().pod() + " on node " + from.name;
    }

    private static String moving(Slot slot, NodeState from) {
        String moving = "fixed address " + slot.ip + " is being taken off node " + from.name;
        return slot.state instanceof AddressState.Withdrawing && from.session.isEmpty()
                ? moving + ", whose agent does not answer: it must confirm first, or its instance must be gone"
                : moving;
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
        return switch (slot.state) {
            case AddressState.Bound bound -> held(slot, bound, from);
            // Its cool-down is for others: the same pod may have it at once (rule 4), here as there.
            case AddressState.Cooling cooling -> {
                cluster.fixed.rest.hurry(slot.ip, cooling.until());
                operations.withdrawals().ask(from, List.of(slot), List.of());
                yield moving(slot, from);
            }
            case AddressState.Idle _ -> {
                operations.withdrawals().ask(from, List.of(slot), List.of());
                yield moving(slot, from);
            }
            // What the agent in session does not name in its ledger it cannot use.
            case AddressState.Supplied _, AddressState.Withdrawn _ -> {
                unassign(from, slot);
                yield moving(slot, from);
            }
            case AddressState.Withdrawing _, AddressState.Reserved _, AddressState.Unassigning _, AddressState.Gone _ ->
                moving(slot, from);
        };
    }

    private void unassign(NodeState from, Slot slot) {
        boolean there = slot.eni.cloud.isPresent(); // else the ENI may be on another machine by now
        if (!there || slot.eni.operation != 0 || from.session.isEmpty() || !FixedRoom.isSingle(slot)) {
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
