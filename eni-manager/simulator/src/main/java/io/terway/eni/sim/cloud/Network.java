package io.terway.eni.sim.cloud;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.vpc.AddressPool;
import io.terway.eni.sim.vpc.Ipv4Pool;
import io.terway.eni.sim.vpc.Ipv6Pool;
import io.terway.eni.sim.vpc.NoIpv6;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import io.terway.eni.sim.vpc.VpcId;
import io.terway.net.Ip;
import io.terway.net.VSwitchId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** VPCs, vSwitches and their address pools. */
public final class Network {

    private record Pools(AddressPool v4, AddressPool v6) {}

    private final Map<VpcId, Vpc> vpcs = new TreeMap<>();
    private final Map<VSwitchId, VSwitch> vSwitches = new TreeMap<>();
    private final Map<VSwitchId, Pools> pools = new HashMap<>();
    private final Conditions conditions;
    private final Changes changes;

    Network(Conditions conditions, Changes changes) {
        this.conditions = conditions;
        this.changes = changes;
    }

    void add(Vpc vpc) {
        vpcs.put(vpc.id(), vpc);
        changes.touchLayout();
    }

    /** Refuses by exception a vSwitch that is outside its VPC or overlaps another: a scenario's mistake. */
    void add(VSwitch vSwitch) {
        Vpc vpc = vpcs.get(vSwitch.vpc());
        if (vpc == null || !vpc.cidr().contains(vSwitch.cidr())) {
            throw new IllegalArgumentException(
                    "vSwitch " + vSwitch.id() + " with " + vSwitch.cidr() + " is not inside its VPC " + vSwitch.vpc());
        }
        for (VSwitch other : vSwitches.values()) {
            if (other.vpc().equals(vSwitch.vpc()) && other.cidr().overlaps(vSwitch.cidr())) {
                throw new IllegalArgumentException("vSwitch " + vSwitch.id() + " with " + vSwitch.cidr() + " overlaps "
                        + other.id() + " with " + other.cidr());
            }
        }
        vSwitches.put(vSwitch.id(), vSwitch);
        AddressPool v6 = vSwitch.ipv6Cidrs().isEmpty()
                ? new NoIpv6()
                : new Ipv6Pool(vSwitch.ipv6Cidrs().getFirst());
        pools.put(vSwitch.id(), new Pools(new Ipv4Pool(vSwitch.cidr()), v6));
        changes.touchLayout();
    }

    public Collection<Vpc> vpcs() {
        return vpcs.values();
    }

    public Collection<VSwitch> vSwitches() {
        return vSwitches.values();
    }

    public Optional<Vpc> vpc(VpcId id) {
        return Optional.ofNullable(vpcs.get(id));
    }

    public Optional<VSwitch> find(VSwitchId id) {
        return Optional.ofNullable(vSwitches.get(id));
    }

    public VSwitch vSwitch(VSwitchId id) {
        return find(id).orElseThrow(() -> ErrorCode.VSWITCH_NOT_FOUND.refuse("The vSwitch %s does not exist.", id));
    }

    /** What DescribeVSwitches calls AvailableIpAddressCount. */
    public long freeAddresses(VSwitchId id) {
        return conditions.exhausted(id) ? 0 : pools.get(id).v4().free();
    }

    /** The vSwitches whose blocks hold {@code ip}; more than one only with several VPCs. */
    public List<VSwitch> holding(Ip ip) {
        return vSwitches.values().stream()
                .filter(v -> v.cidr().contains(ip) || v.ipv6Cidrs().stream().anyMatch(block -> block.contains(ip)))
                .toList();
    }

    AddressPool pool(VSwitchId id, boolean v6) {
        Pools both = pools.get(id);
        return v6 ? both.v6() : both.v4();
    }

    /** Refuses when the vSwitch has fewer free addresses of the family than asked for. */
    void requireFree(VSwitchId id, boolean v6, int count) {
        if (count > 0 && (conditions.exhausted(id) || pool(id, v6).free() < count)) {
            throw ErrorCode.VSWITCH_EXHAUSTED.refuse("The vSwitch %s does not have %d free IP addresses.", id, count);
        }
    }
}
