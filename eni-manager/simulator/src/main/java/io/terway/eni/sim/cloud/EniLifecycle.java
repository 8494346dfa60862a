package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Creating, attaching, detaching and deleting ENIs: which operation each state allows (facts, section 2.1). */
public final class EniLifecycle {

    private final Network network;
    private final Enis enis;
    private final Instances instances;
    private final Groups groups;
    private final Addresses addresses;
    private final Conditions conditions;
    private final Agenda agenda;
    private final Ids ids;
    private final AttachRules rules;
    private final int quota;

    EniLifecycle(
            Network network,
            Enis enis,
            Instances instances,
            Groups groups,
            Addresses addresses,
            Conditions conditions,
            Agenda agenda,
            Ids ids,
            int quota) {
        this.network = network;
        this.enis = enis;
        this.instances = instances;
        this.groups = groups;
        this.addresses = addresses;
        this.conditions = conditions;
        this.agenda = agenda;
        this.ids = ids;
        this.rules = new AttachRules(enis, instances);
        this.quota = quota;
    }

    /** Creates an ENI, which is available at once. */
    public Eni create(EniSpec spec, Instant now) {
        Eni eni = draft(spec, new EniState.Available(), now);
        enis.put(eni);
        return eni;
    }

    /** Creates the primary ENI of an instance, which is in use at once. */
    Eni createPrimary(EniSpec spec, InstanceId instance, Instant now) {
        Eni eni = draft(spec, new EniState.InUse(new Attachment.Direct(instance, 0)), now);
        enis.put(eni);
        return eni;
    }

    private Eni draft(EniSpec spec, EniState state, Instant now) {
        VSwitch vSwitch = network.vSwitch(spec.vSwitch());
        int v4 = 1 + spec.v4().total();
        int v6 = spec.v6().total();
        groups.requireRoom(spec.groups(), vSwitch.vpc(), v4 + v6, List.of());
        if (v4 > Addresses.IPV4_WHILE_AVAILABLE) {
            throw ErrorCode.ENI_IPS_QUOTA.refuse(
                    "A network interface is created with at most %d IPv4 addresses.", Addresses.IPV4_WHILE_AVAILABLE);
        }
        if (enis.size() >= quota) {
            throw ErrorCode.ENI_QUOTA.refuse("The account already has %d network interfaces.", quota);
        }
        AddressRequest primary =
                new AddressRequest(false, spec.primary(), 1 - spec.primary().size(), List.of(), 0);
        List<Reservation> taken = new ArrayList<>();
        try {
            taken.add(Reservation.take(network, vSwitch, primary, ErrorCode.IP_DUPLICATED));
            taken.add(Reservation.take(network, vSwitch, spec.v4(), ErrorCode.IP_DUPLICATED));
            taken.add(Reservation.take(network, vSwitch, spec.v6(), ErrorCode.IP_DUPLICATED));
        } catch (RuntimeException e) {
            taken.forEach(Reservation::cancel);
            throw e;
        }
        List<Cidr> prefixes = new ArrayList<>(taken.get(1).prefixes());
        prefixes.addAll(taken.get(2).prefixes());
        return new Eni(
                new EniId(ids.next("eni-bp1")),
                spec.kind(),
                ids.nextMac(),
                vSwitch.vpc(),
                vSwitch.id(),
                vSwitch.zone(),
                taken.get(0).addresses().getFirst(),
                taken.get(1).addresses(),
                taken.get(2).addresses(),
                prefixes,
                spec.groups(),
                state,
                spec.labels(),
                now);
    }

    /**
     * Begins to attach an available ENI; one that is stuck attaching may be attached again to the same place.
     *
     * @param trunk the trunk ENI when it is to become a member
     */
    public void attach(EniId id, InstanceId on, Optional<EniId> trunk, int card, Instant now) {
        Eni eni = enis.get(id);
        Instance instance = instances.get(on);
        switch (eni.state()) {
            case EniState.Available a -> rules.requireAttachable(eni, instance, trunk);
            case EniState.Attaching a
            when a.due().equals(Instant.MAX) && a.to().instance().equals(on) -> {}
            case EniState.Attaching a -> throw Addresses.wrongState(eni);
            case EniState.Plugging p -> throw Addresses.wrongState(eni);
            case EniState.InUse u -> throw Addresses.wrongState(eni);
            case EniState.Detaching d -> throw Addresses.wrongState(eni);
            case EniState.Unplugging u -> throw Addresses.wrongState(eni);
            case EniState.Deleting d -> throw Addresses.wrongState(eni);
        }
        Attachment to = eni.attachment()
                .orElseGet(() -> trunk.<Attachment>map(t -> new Attachment.Member(on, t, rules.freeVlan(t, on)))
                        .orElseGet(() -> new Attachment.Direct(on, card)));
        pend(eni.withState(new EniState.Attaching(to, conditions.attachDue(now, trunk.isPresent()))));
    }

    /** Begins to detach; a detach that is under way may be asked for again, which frees a stuck one. */
    public void detach(EniId id, InstanceId from, Instant now) {
        Eni eni = enis.get(id);
        Instance instance = instances.get(from);
        if (eni.kind() == EniKind.PRIMARY) {
            throw ErrorCode.ENI_PRIMARY_DETACH.refuse("The network interface %s is primary.", id);
        }
        if (eni.instance().filter(from::equals).isEmpty()) {
            throw Addresses.wrongState(eni);
        }
        rules.requireSettled(instance);
        switch (eni.state()) {
            case EniState.InUse u -> {
                rules.requireNoMembers(eni, from);
                pend(eni.withState(new EniState.Detaching(u.at(), conditions.detachDue(now))));
            }
            case EniState.Detaching d -> {
                if (d.due().equals(Instant.MAX)) {
                    pend(eni.withState(new EniState.Detaching(d.from(), conditions.detachDue(now))));
                }
            }
            case EniState.Unplugging u -> {}
            case EniState.Available a -> throw Addresses.wrongState(eni);
            case EniState.Attaching a -> throw Addresses.wrongState(eni);
            case EniState.Plugging p -> throw Addresses.wrongState(eni);
            case EniState.Deleting d -> throw Addresses.wrongState(eni);
        }
    }

    /** Begins to delete an available ENI; a deletion that is under way may be asked for again. */
    public void delete(EniId id, Instant now) {
        Eni eni = enis.get(id);
        switch (eni.state()) {
            case EniState.Available a -> pend(eni.withState(new EniState.Deleting(conditions.deleteDue(now))));
            case EniState.Deleting d -> {}
            case EniState.Attaching a -> throw Addresses.wrongState(eni);
            case EniState.Plugging p -> throw Addresses.wrongState(eni);
            case EniState.InUse u -> throw Addresses.wrongState(eni);
            case EniState.Detaching d -> throw Addresses.wrongState(eni);
            case EniState.Unplugging u -> throw Addresses.wrongState(eni);
        }
    }

    /** The cloud's part of a pending change is through; plugging is left to the data plane. */
    void onDue(EniId id, Instant now) {
        enis.find(id).ifPresent(eni -> {
            switch (eni.state()) {
                case EniState.Attaching a
                when !a.due().isAfter(now) -> enis.put(eni.withState(new EniState.Plugging(a.to())));
                case EniState.Detaching d
                when !d.due().isAfter(now) -> enis.put(eni.withState(new EniState.Unplugging(d.from())));
                case EniState.Deleting d when !d.due().isAfter(now) -> vanish(eni);
                case EniState.Available a -> {}
                case EniState.Attaching a -> {}
                case EniState.Plugging p -> {}
                case EniState.InUse u -> {}
                case EniState.Detaching d -> {}
                case EniState.Unplugging u -> {}
                case EniState.Deleting d -> {}
            }
        });
    }

    /** The data plane has done what this state asked for. */
    void confirm(EniId id, EniState done) {
        enis.find(id).filter(eni -> eni.state().equals(done)).ifPresent(eni -> {
            switch (eni.state()) {
                case EniState.Plugging p -> enis.put(eni.withState(new EniState.InUse(p.to())));
                case EniState.Unplugging u -> enis.put(eni.withState(new EniState.Available()));
                case EniState.Available a -> {}
                case EniState.Attaching a -> {}
                case EniState.InUse u -> {}
                case EniState.Detaching d -> {}
                case EniState.Deleting d -> {}
            }
        });
    }

    /** The instance is gone: ENIs that go with it vanish, the others are pulled out. */
    void release(InstanceId instance) {
        for (EniId id : List.copyOf(enis.on(instance))) {
            Eni eni = enis.get(id);
            if (eni.kind() == EniKind.PRIMARY || eni.labels().deleteOnRelease()) {
                vanish(eni);
            } else {
                enis.put(eni.withState(new EniState.Unplugging(eni.attachment().orElseThrow())));
            }
        }
    }

    private void vanish(Eni eni) {
        addresses.releaseAll(eni);
        enis.remove(eni.id());
    }

    private void pend(Eni eni) {
        enis.put(eni);
        arm(eni);
    }

    /** Puts the end of the ENI's pending change, if there is one, on the agenda. */
    void arm(Eni eni) {
        Instant due = switch (eni.state()) {
            case EniState.Attaching a -> a.due();
            case EniState.Detaching d -> d.due();
            case EniState.Deleting d -> d.due();
            case EniState.Available a -> Instant.MAX;
            case EniState.Plugging p -> Instant.MAX;
            case EniState.InUse u -> Instant.MAX;
            case EniState.Unplugging u -> Instant.MAX;
        };
        agenda.add(new Due.OfEni(due, eni.id()));
    }
}
