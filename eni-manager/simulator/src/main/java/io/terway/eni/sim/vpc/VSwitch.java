package io.terway.eni.sim.vpc;

import io.terway.net.Cidr;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Objects;

/**
 * A subnet of a VPC in one zone.
 *
 * @param cidr IPv4, /16 to /29
 * @param ipv6Cidrs empty when IPv6 is off, else one /64
 */
public record VSwitch(VSwitchId id, String name, VpcId vpc, ZoneId zone, Cidr cidr, List<Cidr> ipv6Cidrs) {

    public VSwitch {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(vpc, "vpc");
        Objects.requireNonNull(zone, "zone");
        if (cidr.prefixLength() < 16 || cidr.prefixLength() > 29) {
            throw new IllegalArgumentException("vSwitch " + id + " has " + cidr + "; its mask must be /16 to /29");
        }
        ipv6Cidrs = List.copyOf(ipv6Cidrs);
        for (Cidr block : ipv6Cidrs) {
            if (block.prefixLength() != 64) {
                throw new IllegalArgumentException("vSwitch " + id + " has " + block + "; its IPv6 mask must be /64");
            }
        }
    }

    /** This vSwitch's block of the family that {@code v6} selects; IPv6 must be on for it. */
    public Cidr block(boolean v6) {
        return v6 ? ipv6Cidrs.getFirst() : cidr;
    }
}
