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
 * @param own the ENI's own first address per family, never a pod's; may be empty
 * @param primary true for the interface that came with the instance
 */
public record OfferedEni(EniId id, Mac mac, VSwitchId vSwitch, List<Cidr> subnets, List<Ip> own, boolean primary) {

    public OfferedEni {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(mac, "mac");
        Objects.requireNonNull(vSwitch, "vSwitch");
        subnets = List.copyOf(subnets);
        own = List.copyOf(own);
    }
}
