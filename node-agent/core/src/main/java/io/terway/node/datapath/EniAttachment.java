package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One ENI as the datapath sees it.
 *
 * @param id the cloud's id, for messages
 * @param mac the address by which its link is found
 * @param subnets the vSwitch's block per family, at most one each; the gateway is {@link Cidr#vSwitchGateway()}
 */
public record EniAttachment(EniId id, Mac mac, List<Cidr> subnets) {

    public EniAttachment {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(mac, "mac");
        subnets = List.copyOf(subnets);
        if (subnets.stream().map(Cidr::family).distinct().count() != subnets.size()) {
            throw new IllegalArgumentException(id + " has two subnets of one family: " + subnets);
        }
    }

    /** The vSwitch's gateway of this family; empty when the ENI has no subnet of it. */
    public Optional<Ip> gateway(Family family) {
        return subnets.stream()
                .filter(s -> s.family() == family)
                .map(Cidr::vSwitchGateway)
                .findFirst();
    }
}
