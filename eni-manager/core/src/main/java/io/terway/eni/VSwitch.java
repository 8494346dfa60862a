package io.terway.eni;

import io.terway.net.Cidr;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;

/**
 * A vSwitch.
 *
 * @param subnets its CIDR blocks, IPv4 first, at most one per family
 * @param available free IPv4 addresses when last seen
 */
public record VSwitch(VSwitchId id, ZoneId zone, VpcId vpc, List<Cidr> subnets, long available) {

    public VSwitch {
        subnets = List.copyOf(subnets);
    }

    VSwitch withAvailable(long count) {
        return new VSwitch(id, zone, vpc, subnets, count);
    }
}
