package io.terway.node.ledger;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Objects;

/**
 * An ENI of this node as ipam-service described it.
 *
 * @param subnets the vSwitch's block per family
 * @param own the ENI's own first address per family: a pod's only where the pod has the whole ENI; may be empty
 * @param role what it is for
 * @param groups whose security groups it has
 */
public record OfferedEni(
        EniId id, Mac mac, VSwitchId vSwitch, List<Cidr> subnets, List<Ip> own, EniRole role, EniGroups groups) {

    public OfferedEni {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(mac, "mac");
        Objects.requireNonNull(vSwitch, "vSwitch");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(groups, "groups");
        subnets = List.copyOf(subnets);
        own = List.copyOf(own);
    }

    /** One of whose security groups nothing is said. */
    public OfferedEni(EniId id, Mac mac, VSwitchId vSwitch, List<Cidr> subnets, List<Ip> own, EniRole role) {
        this(id, mac, vSwitch, subnets, own, role, EniGroups.UNKNOWN);
    }

    /** One that came with the instance, or a secondary. */
    public OfferedEni(EniId id, Mac mac, VSwitchId vSwitch, List<Cidr> subnets, List<Ip> own, boolean primary) {
        this(id, mac, vSwitch, subnets, own, primary ? new EniRole.Primary() : new EniRole.Secondary());
    }

    /** The same with these security groups. */
    public OfferedEni with(EniGroups of) {
        return new OfferedEni(id, mac, vSwitch, subnets, own, role, of);
    }

    /** The same, with the groups known before where this says none. */
    OfferedEni after(OfferedEni beforeOrNull) {
        return groups == EniGroups.UNKNOWN && beforeOrNull != null ? with(beforeOrNull.groups) : this;
    }

    /** True for the interface that came with the instance. */
    public boolean primary() {
        return role instanceof EniRole.Primary;
    }
}
