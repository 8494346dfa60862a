package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Offers and their way back. The only place where an address is unassigned: after the agent's acknowledgement. */
final class Withdrawals {

    private final Cluster cluster;
    private final Operations operations;

    Withdrawals(Cluster cluster, Operations operations) {
        this.cluster = cluster;
        this.operations = operations;
    }

    /** Offers what the cloud has put on the node's ENIs, in one message. */
    void offerSupplied(NodeState node, Instant now) {
        if (!node.supplied || node.session.isEmpty() || !cluster.fixed.listed()) {
            return;
        }
        node.supplied = false;
        boolean disputed = false;
        List<Slot> ready = new ArrayList<>();
        for (EniPool eni : node.enis.values()) {
            if (eni.usable() && node.role(eni).isPresent()) {
                for (Slot slot : eni.in(Census.Kind.SUPPLIED)) {
                    if (cluster.fixed.owns(slot.ip)) {
                        continue; // offered when its pod asks
                    }
                    if (claimed(node, slot)) {
                        ready.add(slot);
                    } else {
                        disputed = true;
                    }
                }
            }
        }
        offer(node, ready, now);
        node.supplied = disputed; // looked at again with the node's next event, when the other may have let go
    }

    /** One address is offered on one node only, whatever two sights of the cloud say. */
    private boolean claimed(NodeState node, Slot slot) {
        slot.claimed = slot.claimed || cluster.claimed(slot.ip, node).isEmpty();
        return slot.claimed;
    }

    /** Offers a pod's fixed address to the node it runs on; false: another node's agent has not let go. */
    boolean offerFixed(NodeState node, List<Slot> slots, Instant now) {
        if (!slots.stream().allMatch(slot -> claimed(node, slot))) {
            return false;
        }
        offer(node, slots, now);
        return true;
    }

    private void offer(NodeState node, List<Slot> slots, Instant now) {
        if (slots.isEmpty()) {
            return;
        }
        slots.forEach(slot -> {
            slot.unoffered = false;
            node.move(slot, new AddressState.Idle(now));
        });
        sayOffer(node, slots);
    }

    private void sayOffer(NodeState node, List<Slot> slots) {
        long number = ++node.number;
        Map<EniId, CloudEni> enis = new HashMap<>();
        Set<EniId> ofPods = new HashSet<>();
        List<EniIp> addresses = new ArrayList<>(slots.size());
        for (Slot slot : slots) {
            slot.number = number;
            addresses.add(slot.eniIp());
            slot.eni.cloud.ifPresent(eni -> enis.put(eni.id(), eni));
            if (!OwnEnis.hasGroups(cluster, node, slot.eni, List.of())) {
                ofPods.add(slot.eni.id);
            }
            if (slot.eni.use() == CloudEni.Use.MEMBER) {
                node.trunk().ifPresent(trunk -> enis.put(trunk.id(), trunk)); // a member has no link of its own
            }
        }
        say(node, new Word.Offer(number, List.copyOf(enis.values()), addresses, ofPods));
    }

    /**
     * Offers again what is offered, in whatever state: the agent then asks anew for what it waits for, and knows whose groups
     * the ENI has. Not what the cloud does not show, for a booted agent takes an offer's word (rule 11). Else the ENI alone.
     */
    void offerAgain(NodeState node, EniPool eni) {
        List<Slot> offered = new ArrayList<>();
        for (Slot slot : eni.all()) {
            boolean may = switch (slot.state) {
                case AddressState.Idle _, AddressState.Reserved _ -> true;
                case AddressState.Cooling _ -> !slot.unoffered; // its cool-down runs on
                case AddressState.Supplied _,
                        AddressState.Bound _,
                        AddressState.Withdrawing _,
                        AddressState.Withdrawn _,
                        AddressState.Unassigning _,
                        AddressState.Gone _ -> false;
            };
            if (may && !slot.absent && eni.cloud.isPresent()) {
                offered.add(slot);
            }
        }
        if (!offered.isEmpty()) {
            sayOffer(node, offered);
        } else {
            boolean ofPod = !OwnEnis.hasGroups(cluster, node, eni, List.of());
            eni.cloud.ifPresent(shown -> say(
                    node, new Word.Offer(++node.number, List.of(shown), List.of(), ofPod ? Set.of(eni.id) : Set.of())));
        }
    }

    /** Asks the agent to let go; {@code enis} leave whole. */
    void ask(NodeState node, List<Slot> slots, List<EniId> enis) {
        if (slots.isEmpty()) {
            return;
        }
        long number = ++node.number;
        for (Slot slot : slots) {
            slot.number = number;
            node.move(slot, new AddressState.Withdrawing(number));
        }
        say(node, new Word.Withdraw(number, slots.stream().map(slot -> slot.ip).toList(), enis));
    }

    /** Free addresses that the cloud took away behind our back, or that an older copy of the ledger brought back. */
    void askAbsent(NodeState node) {
        if (!node.absentees) {
            return;
        }
        node.absentees = false;
        List<Slot> gone = new ArrayList<>();
        for (Slot slot : node.slots.values()) {
            if (slot.absent) {
                node.absentees = true; // until it has left, or is there again
                if (slot.state instanceof AddressState.Idle) {
                    gone.add(slot);
                }
            }
        }
        ask(node, gone, List.of());
    }

    /** Demand came back before the agent answered: a higher offer cancels the withdrawal (rule 1). */
    void cancel(NodeState node, Attachment attachment, Family family, int most, Instant now) {
        List<Slot> wanted = new ArrayList<>();
        int units = 0;
        for (EniPool eni : node.enis.values()) {
            boolean attached = eni.cloud.isPresent() && eni.cloud.get().phase() == CloudEni.Phase.IN_USE;
            boolean whole = !attachment.wholeEni() || eni.onlyOwn(); // else it is being stripped for a pod
            boolean ours = attached && whole && node.role(eni).equals(Optional.of(attachment));
            for (Slot slot : ours ? eni.in(Census.Kind.WITHDRAWING) : List.<Slot>of()) {
                // With a unit of the counted family comes its partner of the other one.
                if (units < most && !slot.absent && !cluster.fixed.owns(slot.ip)) {
                    wanted.add(slot);
                    units += slot.ip.family() == family ? 1 : 0;
                    eni.dropping = false;
                }
            }
        }
        offer(node, wanted, now);
    }

    void acknowledged(NodeState node, IpamEvent.WithdrawAcked ack, Instant now) {
        for (Ip ip : ack.withdrawn()) {
            Slot slot = node.slots.get(ip);
            // Another number in force means that this withdrawal was cancelled or repeated.
            if (slot != null && slot.number == ack.number() && stillOffered(slot.state)) {
                drop(slot, node);
            }
        }
        for (Ip ip : ack.kept()) {
            Slot slot = node.slots.get(ip);
            if (slot != null && slot.state.equals(new AddressState.Withdrawing(ack.number()))) {
                // Held or cooling there; its report follows. Not asked again at once.
                Holder unknown = new Holder(new io.terway.net.PodRef("unknown", "unknown"), "");
                slot.eni.dropping = false; // it stays
                node.move(slot, new AddressState.Cooling(unknown, now.plus(Allocations.LOOK_AGAIN)));
            }
        }
    }

    private static void drop(Slot slot, NodeState node) {
        if (slot.absent) {
            node.remove(slot);
        } else {
            node.move(slot, new AddressState.Withdrawn());
        }
    }

    private static boolean stillOffered(AddressState state) {
        return switch (state) {
            case AddressState.Withdrawing _,
                    AddressState.Idle _,
                    AddressState.Reserved _,
                    AddressState.Bound _,
                    AddressState.Cooling _ -> true;
            case AddressState.Supplied _, AddressState.Withdrawn _, AddressState.Unassigning _, AddressState.Gone _ ->
                false;
        };
    }

    /** Takes acknowledged addresses off their ENI, or deletes the ENI when all of it was let go. */
    void takeOff(NodeState node, Instant now) {
        if (node.census.count(Census.Kind.WITHDRAWN) == 0
                || now.isBefore(node.removeAfter)
                || !cluster.fixed.listed()) {
            return;
        }
        for (EniPool eni : List.copyOf(node.enis.values())) {
            boolean answered = eni.census.count(Census.Kind.WITHDRAWING) == 0;
            if (eni.census.count(Census.Kind.WITHDRAWN) > 0 && answered && eni.operation == 0) {
                takeOff(node, eni);
            }
        }
    }

    private void takeOff(NodeState node, EniPool eni) {
        if (eni.cloud.isEmpty() || CloudSide.hasWhatIsElsewhere(node, eni)) {
            return; // not shown yet, or not understood: nothing is known to be removable
        }
        List<Slot> withdrawn = eni.in(Census.Kind.WITHDRAWN);
        withdrawn.removeIf(slot -> cluster.fixed.owns(slot.ip)); // stay for their pod
        if (withdrawn.isEmpty()) {
            return;
        }
        switch (eni.use()) {
            case PRIMARY -> withdrawn.forEach(node::remove); // of a pod CIDR: nothing is on the ENI
            case TRUNK, SECONDARY, MEMBER, OTHER -> {
                int staying = eni.slots.size() - withdrawn.size() - eni.census.count(Census.Kind.GONE);
                boolean whole = staying == 0 && withdrawn.stream().anyMatch(slot -> slot.own);
                if (whole && !carriesMembers(node, eni)) {
                    takeOffWhole(node, eni, withdrawn);
                } else {
                    takeOffSome(node, eni, withdrawn);
                }
            }
        }
    }

    private static boolean carriesMembers(NodeState node, EniPool eni) {
        return eni.use() == CloudEni.Use.TRUNK
                && (node.mode == EniConfig.Mode.TRUNK
                        || node.enis.values().stream().anyMatch(other -> other.use() == CloudEni.Use.MEMBER));
    }

    private void takeOffWhole(NodeState node, EniPool eni, List<Slot> withdrawn) {
        long operation = cluster.nextOperation();
        eni.dropping = true;
        withdrawn.forEach(slot -> node.move(slot, new AddressState.Unassigning(operation)));
        operations.open(node, new PoolCommand.DeleteEni(operation, node.identity.instance(), eni.id));
    }

    /** An own address stays with its ENI, and a prefix goes only when all of it was let go. */
    private void takeOffSome(NodeState node, EniPool eni, List<Slot> withdrawn) {
        long operation = cluster.nextOperation();
        eni.dropping = false;
        Map<Cidr, Integer> letGo = new HashMap<>();
        withdrawn.forEach(slot -> slot.block.ifPresent(block -> letGo.merge(block, 1, Integer::sum)));
        Set<Cidr> prefixes = new TreeSet<>(letGo.keySet());
        prefixes.removeIf(block -> letGo.get(block) < eni.liveIn(block));
        List<Ip> off = new ArrayList<>();
        for (Slot slot : withdrawn) {
            boolean stays = slot.own || slot.block.isPresent() && !prefixes.contains(slot.block.get());
            if (stays) {
                node.move(slot, new AddressState.Supplied());
            } else {
                node.move(slot, new AddressState.Unassigning(operation));
                if (slot.block.isEmpty()) {
                    off.add(slot.ip);
                }
            }
        }
        if (!off.isEmpty() || !prefixes.isEmpty()) {
            var command = new PoolCommand.UnassignAddresses(
                    operation, node.identity.instance(), eni.id, off, List.copyOf(prefixes));
            operations.open(node, command);
        }
    }

    private void say(NodeState node, Word word) {
        node.session.ifPresent(session -> cluster.say(new IpamCommand.Say(session, word)));
    }
}
