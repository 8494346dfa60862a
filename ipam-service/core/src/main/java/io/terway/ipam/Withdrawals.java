package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        if (!node.supplied || node.session.isEmpty()) {
            return;
        }
        node.supplied = false;
        List<Slot> ready = new ArrayList<>();
        for (EniPool eni : node.enis.values()) {
            if (eni.usable()) {
                for (Slot slot : eni.in(Census.Kind.SUPPLIED)) {
                    if (claimed(node, slot)) {
                        ready.add(slot);
                    }
                }
            }
        }
        offer(node, ready, now);
    }

    /** One address is offered on one node only, whatever two sights of the cloud say. */
    private boolean claimed(NodeState node, Slot slot) {
        return cluster.offeredOn.computeIfAbsent(slot.ip, _ -> node.name).equals(node.name);
    }

    private void offer(NodeState node, List<Slot> slots, Instant now) {
        if (slots.isEmpty()) {
            return;
        }
        long number = ++node.number;
        Map<EniId, CloudEni> enis = new HashMap<>();
        List<EniIp> addresses = new ArrayList<>(slots.size());
        for (Slot slot : slots) {
            slot.number = number;
            slot.unoffered = false;
            node.move(slot, new AddressState.Idle(now));
            addresses.add(slot.eniIp());
            slot.eni.cloud.ifPresent(eni -> enis.put(eni.id(), eni));
        }
        say(node, new Word.Offer(number, List.copyOf(enis.values()), addresses));
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

    /** Free addresses that the cloud took away behind our back. */
    void askAbsent(NodeState node) {
        List<Slot> gone = new ArrayList<>();
        for (EniPool eni : node.enis.values()) {
            for (Slot slot : eni.in(Census.Kind.IDLE)) {
                if (slot.absent) {
                    gone.add(slot);
                }
            }
        }
        ask(node, gone, List.of());
    }

    /** Demand came back before the agent answered: a higher offer cancels the withdrawal (rule 1). */
    void cancel(NodeState node, Family family, int most, Instant now) {
        List<Slot> wanted = new ArrayList<>();
        for (EniPool eni : node.enis.values()) {
            boolean attached = eni.cloud.isPresent() && eni.cloud.get().phase() == CloudEni.Phase.IN_USE;
            for (Slot slot : attached ? eni.in(Census.Kind.WITHDRAWING) : List.<Slot>of()) {
                if (wanted.size() < most && slot.ip.family() == family && !slot.absent) {
                    wanted.add(slot);
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
        if (node.census.count(Census.Kind.WITHDRAWN) == 0 || now.isBefore(node.removeAfter)) {
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
        Optional<CloudEni> cloud = eni.cloud;
        if (cloud.isEmpty()) {
            return; // not shown yet: nothing is known to be removable
        }
        List<Slot> withdrawn = eni.in(Census.Kind.WITHDRAWN);
        int staying = eni.slots.size() - withdrawn.size() - eni.census.count(Census.Kind.GONE);
        boolean whole = staying == 0 && withdrawn.stream().anyMatch(slot -> slot.own);
        long operation = cluster.nextOperation();
        if (whole) {
            eni.dropping = true;
            withdrawn.forEach(slot -> node.move(slot, new AddressState.Unassigning(operation)));
            operations.open(node, new PoolCommand.DeleteEni(operation, node.identity.instance(), eni.id));
            return;
        }
        eni.dropping = false;
        List<Ip> off = new ArrayList<>();
        for (Slot slot : withdrawn) {
            if (slot.own) {
                node.move(slot, new AddressState.Supplied()); // the ENI stays, and so does its own address
            } else {
                node.move(slot, new AddressState.Unassigning(operation));
                off.add(slot.ip);
            }
        }
        if (!off.isEmpty()) {
            operations.open(node, new PoolCommand.UnassignAddresses(operation, node.identity.instance(), eni.id, off));
        }
    }

    private void say(NodeState node, Word word) {
        node.session.ifPresent(session -> cluster.say(new IpamCommand.Say(session, word)));
    }
}
