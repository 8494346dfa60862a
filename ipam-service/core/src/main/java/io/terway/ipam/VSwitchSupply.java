package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.Optional;

/**
 * A vSwitch and what is left of it.
 *
 * @param id the vSwitch
 * @param zone its zone
 * @param cidr its IPv4 block
 * @param available free IPv4 addresses as last seen
 * @param ipv6 its IPv6 block, where it has one
 */
public record VSwitchSupply(VSwitchId id, ZoneId zone, Cidr cidr, long available, Optional<Cidr> ipv6) {

    /** Without IPv6. */
    public VSwitchSupply(VSwitchId id, ZoneId zone, Cidr cidr, long available) {
        this(id, zone, cidr, available, Optional.empty());
    }

    /** Addresses the cloud keeps of every vSwitch: the first and the last three. */
    private static final int KEPT_BY_CLOUD = 4;

    /** True when less than {@code percent} of the block is left: warm-up leaves it to waiting pods. */
    boolean insideReserve(int percent) {
        return available * 100 < usable() * percent;
    }

    /** Addresses it has for ENIs, free or not. */
    long usable() {
        return Math.max(0, cidr.size() - KEPT_BY_CLOUD);
    }
}
