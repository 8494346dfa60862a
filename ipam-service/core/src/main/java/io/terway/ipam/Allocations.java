package io.terway.ipam;

import io.terway.ipam.AllocateOutcome.Pending;
import io.terway.ipam.AllocateOutcome.Proposed;
import io.terway.ipam.AllocateOutcome.Refused;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Proposals, waiting demand, and what agents report to have committed. */
final class Allocations {

    /** Requests of one node that are remembered as demand; kubelet starts far fewer at a time. */
    static final int MAX_WAITING = 1_000;

    /** How long a proposal outlives its request's deadline, for the report to arrive. */
    static final Duration GRACE = Duration.ofSeconds(5);

    /** After an agent kept or could not say when: look again then. */
    static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private static final Duration SHORTEST_RETRY = Duration.ofMillis(50);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);
    private static final Duration USUAL_RETRY = Duration.ofSeconds(1);

    private final Cluster cluster;

    Allocations(Cluster cluster) {
        this.cluster = cluster;
    }

    void allocate(IpamEvent.Allocate event, Instant now) {
        cluster.say(new IpamCommand.AnswerAllocate(event.ticket(), outcome(event, now)));
    }

    private AllocateOutcome outcome(IpamEvent.Allocate event, Instant now) {
        Optional<NodeState> found = cluster.inSync(event.session());
        if (found.isEmpty()) {
            return new AllocateOutcome.NoSession("no such session: " + event.session() + "; open one first");
        }
        NodeState node = found.get();
        if (!node.name.equals(event.node())) {
            return new AllocateOutcome.WrongNode(
                    "node_name is " + event.node() + ", but session " + event.session() + " is of node " + node.name);
        }
        Set<Family> served = cluster.config.stack().families();
        if (cluster.revision > 0 && !served.containsAll(event.families())) {
            return new Refused(
                    AllocateOutcome.Why.BAD_POD,
                    "pod " + event.holder().pod() + " needs " + event.families() + ", but ip_stack is "
                            + cluster.config.stack());
        }
        cluster.touch(node);
        return again(node, event).orElseGet(() -> fresh(node, event, now));
    }

    /** The same answer as before, while it is valid. */
    private Optional<AllocateOutcome> again(NodeState node, IpamEvent.Allocate event) {
        Binding bound = node.bindings.get(event.sandbox());
        if (bound != null) {
            return Optional.of(new Proposed(bound.addresses(), bound.fixed()));
        }
        NodeState.Reservation reservation = node.reservations.get(event.request());
        if (reservation == null) {
            return Optional.empty();
        }
        for (Slot slot : reservation.slots()) {
            boolean kept = slot.state.equals(new AddressState.Reserved(event.request()));
            if (!kept || event.refused().contains(slot.ip)) {
                return Optional.empty();
            }
        }
        return Optional.of(
                new Proposed(reservation.slots().stream().map(Slot::eniIp).toList(), false));
    }

    private AllocateOutcome fresh(NodeState node, IpamEvent.Allocate event, Instant now) {
        RequestId before = node.requestOf.get(event.sandbox());
        if (before != null) {
            node.forget(before, now); // an earlier attempt of the same sandbox, or a proposal it refused
        }
        node.forget(event.request(), now);
        List<Slot> chosen = new ArrayList<>(2);
        Set<Family> missing = EnumSet.noneOf(Family.class);
        for (Family family : new TreeSet<>(event.families())) {
            choose(node, family, event.refused()).ifPresentOrElse(chosen::add, () -> missing.add(family));
        }
        if (missing.isEmpty()) {
            node.reserve(
                    event.request(),
                    new NodeState.Reservation(event.sandbox(), chosen),
                    event.deadline().plus(GRACE));
            return new Proposed(chosen.stream().map(Slot::eniIp).toList(), false);
        }
        return wait(node, event, missing, now);
    }

    /** Where most addresses are (or fewest), and there the one freed last: those left over grow old and go back. */
    private Optional<Slot> choose(NodeState node, Family family, Set<Ip> refused) {
        boolean fullest = cluster.config.pool().fullestEniFirst();
        EniPool best = null;
        Slot found = null;
        for (EniPool eni : node.enis.values()) {
            if (best != null && fullest == (eni.used(family) <= best.used(family))) {
                continue;
            }
            for (Slot slot : eni.idle(family).descendingSet()) {
                if (!refused.contains(slot.ip) && !slot.absent) {
                    best = eni;
                    found = slot;
                    break;
                }
            }
        }
        return Optional.ofNullable(found);
    }

    private AllocateOutcome wait(NodeState node, IpamEvent.Allocate event, Set<Family> missing, Instant now) {
        for (Family family : missing) {
            if (full(node, family)) {
                return new Refused(
                        AllocateOutcome.Why.NODE_FULL,
                        "node " + node.name + " holds " + node.census.held(family) + " of "
                                + node.limits().capacity(family) + " " + family
                                + " addresses its instance type allows and all are in use");
            }
        }
        if (event.deadline().isAfter(now) && node.waiting.size() < MAX_WAITING) {
            node.await(event.request(), new NodeState.Waiting(event.sandbox(), missing), event.deadline());
        }
        return new Pending(retryAfter(node, now), reason(node, missing));
    }

    private static boolean full(NodeState node, Family family) {
        Census census = node.census;
        return node.limits().capacity(family) > 0
                && node.room(family) == 0
                && node.inFlight(family) == 0
                && census.count(family, Census.Kind.BOUND) >= node.limits().capacity(family);
    }

    private static Duration retryAfter(NodeState node, Instant now) {
        Duration wait = node.coolingUntil
                .first()
                .map(until -> Duration.between(now, until))
                .orElse(USUAL_RETRY);
        wait = wait.compareTo(USUAL_RETRY) > 0 && !node.operations.isEmpty() ? USUAL_RETRY : wait;
        return wait.compareTo(SHORTEST_RETRY) < 0
                ? SHORTEST_RETRY
                : wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
    }

    private static String reason(NodeState node, Set<Family> missing) {
        if (!node.trouble.isEmpty()) {
            return node.trouble;
        }
        if (node.cloud.isEmpty()) {
            return "eni-manager has not shown instance " + node.identity.instance() + " yet";
        }
        return "no free " + missing + " address on node " + node.name + "; " + node.operations.size()
                + " cloud operations under way, " + node.census.count(Census.Kind.COOLING) + " addresses cool down";
    }

    void report(IpamEvent.Report event, Instant now) {
        Optional<NodeState> found = cluster.inSync(event.session());
        if (found.isEmpty()) {
            cluster.say(new IpamCommand.AnswerReport(
                    event.ticket(),
                    new ReportOutcome.NoSession("no such session: " + event.session() + "; open one first")));
            return;
        }
        NodeState node = found.get();
        for (LedgerEvent entry : event.events()) {
            if (entry.sequence() > node.sequence) {
                node.sequence = entry.sequence();
                switch (entry) {
                    case LedgerEvent.Bound bound -> bound(node, bound.binding(), now);
                    case LedgerEvent.Released released -> released(node, released, now);
                }
                cluster.say(new IpamCommand.Audit(node.name, entry));
            }
        }
        cluster.touch(node);
        cluster.say(new IpamCommand.AnswerReport(event.ticket(), new ReportOutcome.Acknowledged(node.sequence)));
    }

    private void bound(NodeState node, Binding binding, Instant now) {
        node.bindings.put(binding.sandbox(), binding);
        for (EniIp address : binding.addresses()) {
            Slot slot = node.slots.get(address.ip());
            if (slot == null) {
                slot = node.add(address.ip(), address.eni(), false, new AddressState.Bound(binding));
                slot.confirmed = true;
                cluster.say(new IpamCommand.Notice(
                        node.name,
                        true,
                        "UnknownAddress",
                        "pod " + binding.holder().pod() + " holds " + address.ip() + ", which is not known on "
                                + address.eni()));
            } else if (!leaving(slot.state)) {
                node.move(slot, new AddressState.Bound(binding));
            }
        }
        RequestId request = node.requestOf.get(binding.sandbox());
        if (request != null) {
            node.forget(request, now);
        }
    }

    private void released(NodeState node, LedgerEvent.Released released, Instant now) {
        node.bindings.remove(released.sandbox());
        for (Ip ip : released.addresses()) {
            Slot slot = node.slots.get(ip);
            boolean held = slot != null
                    && slot.state instanceof AddressState.Bound bound
                    && bound.binding().sandbox().equals(released.sandbox());
            if (held) {
                node.move(
                        slot,
                        released.coolDown().isPositive()
                                ? new AddressState.Cooling(released.holder(), now.plus(released.coolDown()))
                                : new AddressState.Idle(now));
            }
        }
    }

    /** The agent let go of it durably after this entry was written: the entry is history. */
    private static boolean leaving(AddressState state) {
        return switch (state) {
            case AddressState.Withdrawn _, AddressState.Unassigning _, AddressState.Gone _ -> true;
            case AddressState.Supplied _,
                    AddressState.Idle _,
                    AddressState.Reserved _,
                    AddressState.Bound _,
                    AddressState.Cooling _,
                    AddressState.Withdrawing _ -> false;
        };
    }

    /** Ends what has run out: requests, and cool-downs as far as we can tell. */
    void expire(NodeState node, Instant now) {
        for (Optional<RequestId> due = node.requestUntil.poll(now);
                due.isPresent();
                due = node.requestUntil.poll(now)) {
            node.forget(due.get(), now);
        }
        for (Optional<Ip> due = node.coolingUntil.poll(now); due.isPresent(); due = node.coolingUntil.poll(now)) {
            Slot slot = node.slots.get(due.get());
            node.move(slot, slot.unoffered ? new AddressState.Supplied() : new AddressState.Idle(now));
        }
    }
}
