package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.ecs.TypeLimits;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Assigning addresses to ENIs and taking them back: all of a call or nothing. */
public final class Addresses {

    static final int IPV4_WHILE_AVAILABLE = 50;
    static final int IPV6_WHILE_AVAILABLE = 10;

    private final Network network;
    private final Enis enis;
    private final Instances instances;
    private final Groups groups;
    private final Conditions conditions;
    private final Map<EniId, Instant> busyUntil = new HashMap<>();

    Addresses(Network network, Enis enis, Instances instances, Groups groups, Conditions conditions) {
        this.network = network;
        this.enis = enis;
        this.instances = instances;
        this.groups = groups;
        this.conditions = conditions;
    }

    /** What an assignment gave. */
    public record Assigned(EniId eni, List<Ip> addresses, List<Cidr> prefixes) {}

    public Assigned assign(EniId id, AddressRequest wanted, Instant now) {
        Eni eni = requireOpen(id, now);
        requireQuota(eni, wanted);
        groups.requireGrowth(eni.groups(), wanted.total());
        Reservation taken = Reservation.take(network, network.vSwitch(eni.vSwitch()), wanted, ErrorCode.IP_ASSIGNED);
        List<Ip> secondaries = new ArrayList<>(eni.secondaries());
        List<Ip> ipv6 = new ArrayList<>(eni.ipv6());
        (wanted.v6() ? ipv6 : secondaries).addAll(taken.addresses());
        List<Cidr> prefixes = new ArrayList<>(eni.prefixes());
        prefixes.addAll(taken.prefixes());
        enis.put(eni.withAddresses(secondaries, ipv6, prefixes));
        occupy(id, now);
        return new Assigned(id, List.copyOf(taken.addresses()), List.copyOf(taken.prefixes()));
    }

    public void unassign(EniId id, boolean v6, List<Ip> addresses, List<Cidr> blocks, Instant now) {
        Eni eni = requireOpen(id, now);
        List<Ip> secondaries = new ArrayList<>(eni.secondaries());
        List<Ip> ipv6 = new ArrayList<>(eni.ipv6());
        List<Cidr> prefixes = new ArrayList<>(eni.prefixes());
        for (Ip ip : new HashSet<>(addresses)) {
            if (!(v6 ? ipv6 : secondaries).remove(ip)) {
                throw ErrorCode.IP_UNASSIGNED.refuse("The IP address %s is not assigned to %s.", ip, id);
            }
        }
        for (Cidr block : new HashSet<>(blocks)) {
            if (!prefixes.remove(block)) {
                throw ErrorCode.IP_UNASSIGNED.refuse("The prefix %s is not assigned to %s.", block, id);
            }
        }
        new HashSet<>(addresses).forEach(ip -> network.pool(eni.vSwitch(), v6).release(ip));
        new HashSet<>(blocks).forEach(b -> network.pool(eni.vSwitch(), v6).release(b));
        enis.put(eni.withAddresses(secondaries, ipv6, prefixes));
        occupy(id, now);
    }

    /** Gives everything an ENI holds back to its vSwitch. */
    void releaseAll(Eni eni) {
        eni.ipv4().forEach(ip -> network.pool(eni.vSwitch(), false).release(ip));
        eni.ipv6().forEach(ip -> network.pool(eni.vSwitch(), true).release(ip));
        eni.prefixes(false).forEach(p -> network.pool(eni.vSwitch(), false).release(p));
        eni.prefixes(true).forEach(p -> network.pool(eni.vSwitch(), true).release(p));
        busyUntil.remove(eni.id());
    }

    /** Marks what an ENI holds as taken, after a restart. */
    void restore(Eni eni) {
        eni.ipv4().forEach(ip -> network.pool(eni.vSwitch(), false).take(ip));
        eni.ipv6().forEach(ip -> network.pool(eni.vSwitch(), true).take(ip));
        eni.prefixes(false).forEach(p -> network.pool(eni.vSwitch(), false).take(p));
        eni.prefixes(true).forEach(p -> network.pool(eni.vSwitch(), true).take(p));
    }

    private Eni requireOpen(EniId id, Instant now) {
        Eni eni = enis.get(id);
        switch (eni.state()) {
            case EniState.Available a -> {}
            case EniState.InUse u -> requireSettled(eni, u.at().instance());
            case EniState.Attaching a -> throw wrongState(eni);
            case EniState.Plugging p -> throw wrongState(eni);
            case EniState.Detaching d -> throw wrongState(eni);
            case EniState.Unplugging u -> throw wrongState(eni);
            case EniState.Deleting d -> throw wrongState(eni);
        }
        Instant busy = busyUntil.get(id);
        if (busy != null && now.isBefore(busy)) {
            throw ErrorCode.ENI_BUSY.refuse("Another address operation on %s is still running.", id);
        }
        return eni;
    }

    private void requireSettled(Eni eni, InstanceId on) {
        Instance instance = instances.get(on);
        if (eni.kind() == EniKind.PRIMARY && !instance.status().settled()) {
            throw ErrorCode.INSTANCE_STATE.refuse(
                    "The instance %s is %s.", on, instance.status().wireName());
        }
    }

    private void requireQuota(Eni eni, AddressRequest wanted) {
        int used = eni.used(wanted.v6()) + wanted.total();
        boolean available = eni.state() instanceof EniState.Available;
        int limit = available
                ? wanted.v6() ? IPV6_WHILE_AVAILABLE : IPV4_WHILE_AVAILABLE
                : limit(instances.limitsOf(instances.get(eni.instance().orElseThrow())), wanted.v6());
        if (used > limit) {
            ErrorCode code = available
                    ? wanted.v6() ? ErrorCode.ENI_IPV6_QUOTA : ErrorCode.ENI_IPS_QUOTA
                    : wanted.v6() ? ErrorCode.IPV6_COUNT : ErrorCode.IPV4_COUNT;
            throw code.refuse("%s would hold %d addresses of the family; the limit is %d.", eni.id(), used, limit);
        }
    }

    static int limit(TypeLimits type, boolean v6) {
        return v6 ? type.ipv6PerEni() : type.ipv4PerEni();
    }

    static RuntimeException wrongState(Eni eni) {
        return ErrorCode.ENI_STATE.refuse(
                "The network interface %s is %s; this operation is not allowed in that state.",
                eni.id(), eni.state().wireName());
    }

    private void occupy(EniId id, Instant now) {
        if (!conditions.addressing().isZero()) {
            busyUntil.put(id, now.plus(conditions.addressing()));
        }
    }
}
