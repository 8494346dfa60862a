package io.terway.ipam;

import io.terway.ipam.AllocateOutcome.Proposed;
import io.terway.ipam.AllocateOutcome.Refused;
import io.terway.net.Ip;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Proposals, waiting demand, and what agents report to have committed. */
final class Allocations {

    /** How long a proposal outlives its request's deadline, for the report to arrive. */
    static final Duration GRACE = Duration.ofSeconds(5);

    /** After an agent kept or could not say when: look again then. */
    static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    /** Ledger entries between two reports of one session: years of a busy node. */
    static final long MOST_AHEAD = 10_000_000;

    private final Cluster cluster;
    private final Choosing choosing;
    private final OwnEnis ownEnis;
    private final Demand demand;
    private final FixedPods fixedPods;

    Allocations(Cluster cluster, OwnEnis ownEnis, Demand demand, FixedPods fixedPods) {
        this.demand = demand;
        this.fixedPods = fixedPods;
        this.cluster = cluster;
        this.ownEnis = ownEnis;
        choosing = new Choosing(cluster);
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
        EniConfig config = cluster.config(node);
        if (cluster.revision > 0 && !config.stack().families().containsAll(event.families())) {
            return new Refused(
                    AllocateOutcome.Why.BAD_POD,
                    "pod " + event.holder().pod() + " needs " + event.families() + ", but ip_stack is "
                            + config.stack());
        }
        cluster.touch(node);
        cluster.arrived(node.name, event.holder().uid());
        return switch (PodWishes.read(event.annotations())) {
            case PodWishes.Reading.Unreadable bad -> badPod(event, bad.why());
            case PodWishes.Reading.Read(PodWishes wishes)
            when wishes.fixed() && node.mode != EniConfig.Mode.VPC -> fixedPods.outcome(node, event, wishes, now);
            case PodWishes.Reading.Read(PodWishes wishes) ->
                again(node, event, now).orElseGet(() -> fresh(node, event, wishes, now));
        };
    }

    private static AllocateOutcome badPod(IpamEvent.Allocate event, String why) {
        return new Refused(AllocateOutcome.Why.BAD_POD, "pod " + event.holder().pod() + ": " + why);
    }

    /** The same answer as before, while it is valid. */
    private Optional<AllocateOutcome> again(NodeState node, IpamEvent.Allocate event, Instant now) {
        Binding bound = node.bindings.get(event.sandbox());
        if (bound != null) {
            return Optional.of(new Proposed(bound.addresses(), bound.fixed(), bound.attachment()));
        }
        Optional<Requests.Reservation> reservation = node.requests.reservation(event.request());
        if (reservation.isEmpty()) {
            return Optional.empty();
        }
        for (Slot slot : reservation.get().slots()) {
            boolean kept = node.requests.isKept(slot, event.request());
            if (!kept || slot.absent || event.refused().contains(slot.ip)) {
                return Optional.empty();
            }
        }
        return Optional.of(answer(node, reservation.get(), now));
    }

    private AllocateOutcome answer(NodeState node, Requests.Reservation reservation, Instant now) {
        return reservation.attachment().wholeEni()
                ? ownEnis.answer(node, reservation, now)
                : new Proposed(reservation.addresses(), false, reservation.attachment());
    }

    private AllocateOutcome fresh(NodeState node, IpamEvent.Allocate event, PodWishes wishes, Instant now) {
        // An earlier attempt of the same sandbox or pod, or a proposal it refused.
        node.requests.of(event.sandbox(), event.holder()).ifPresent(before -> node.requests.forget(before, now));
        node.requests.forget(event.request(), now);
        if (node.mode == EniConfig.Mode.VPC && (wishes.needsOwnEni() || wishes.fixed())) {
            return badPod(event, Attachments.refusedInVpc(wishes));
        }
        Optional<String> overQuota = cluster.quotas.exceeded(event.holder());
        if (overQuota.isPresent()) {
            return new Refused(AllocateOutcome.Why.QUOTA, overQuota.get());
        }
        Attachment attachment = Attachments.of(cluster, node, wishes);
        NodeState.RefusedGroups refusal = node.refusedGroups.get(wishes.groups());
        if (refusal != null && refusal.until().isAfter(now)) {
            return badPod(event, "security groups " + wishes.groups() + ": " + refusal.why());
        }
        List<Slot> chosen = choosing.choose(node, attachment, event.families(), event.refused(), wishes.groups());
        if (chosen.isEmpty()) {
            return demand.wait(node, event, attachment, wishes, now);
        }
        var reservation =
                new Requests.Reservation(event.sandbox(), event.holder(), chosen, attachment, wishes.groups());
        if (attachment == Attachment.EXCLUSIVE) {
            node.dedicate(chosen.getFirst().eni, true);
        }
        node.requests.reserve(event.request(), reservation, event.deadline().plus(GRACE));
        return answer(node, reservation, now);
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
        Optional<String> forged = forged(node, event.events());
        if (forged.isPresent()) {
            cluster.say(new IpamCommand.AnswerReport(event.ticket(), new ReportOutcome.Forged(forged.get())));
            return;
        }
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

    /** A sequence far ahead would make us deaf to the ledger's own entries. */
    private static Optional<String> forged(NodeState node, List<LedgerEvent> events) {
        long last = 0;
        for (LedgerEvent entry : events) {
            if (entry.sequence() < last) {
                return Optional.of("events: sequence " + entry.sequence() + " comes after " + last
                        + "; a ledger's entries are reported in their order");
            }
            last = entry.sequence();
        }
        return last - MOST_AHEAD > node.sequence
                ? Optional.of("events: sequence " + last + " is more than " + MOST_AHEAD + " ahead of the acknowledged "
                        + node.sequence + "; open a new session")
                : Optional.empty();
    }

    private void bound(NodeState node, Binding reported, Instant now) {
        Optional<RequestId> request = node.requests.of(reported.sandbox(), reported.holder());
        Attachment attachment = request.flatMap(node.requests::reservation)
                .filter(reservation -> reservation.attachment().wholeEni())
                .map(Requests.Reservation::attachment)
                .orElse(reported.attachment());
        Binding binding = reported.connected(attachment);
        node.bind(binding);
        if (cluster.config(node).predict()) {
            node.churn.bound(now);
        }
        for (EniIp address : binding.addresses()) {
            Slot slot = node.slots.get(address.ip());
            if (slot == null) {
                slot = node.add(address.ip(), address.eni(), false, address.block(), new AddressState.Bound(binding));
                slot.confirmed = true;
                cluster.say(new IpamCommand.Notice(
                        node.name,
                        true,
                        "UnknownAddress",
                        "pod " + binding.holder().pod() + " holds " + address.ip() + ", which is not known on "
                                + address.eni()));
            } else if (!leaving(slot.state)) {
                node.move(slot, new AddressState.Bound(binding));
                // The agent's own chooser may have shared what was made for one pod.
                node.dedicate(slot.eni, binding.attachment() == Attachment.EXCLUSIVE);
            }
        }
        if (request.isPresent()) {
            node.requests.forget(request.get(), now);
        }
        if (binding.fixed()) {
            cluster.fixed.bound(node, binding);
        }
    }

    private void released(NodeState node, LedgerEvent.Released released, Instant now) {
        node.unbind(released.sandbox()).filter(Binding::fixed).ifPresent(fixed -> cluster.fixed.released(node, fixed));
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
        node.requests.expire(now);
        for (Optional<Ip> due = node.coolingUntil.poll(now); due.isPresent(); due = node.coolingUntil.poll(now)) {
            Slot slot = node.slots.get(due.get());
            node.move(slot, slot.unoffered ? new AddressState.Supplied() : new AddressState.Idle(now));
        }
    }
}
