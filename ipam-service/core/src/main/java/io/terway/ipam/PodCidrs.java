package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.util.List;

/**
 * Where nodes get their pod CIDR in VPC mode when the API server gives them none.
 *
 * @param cluster blocks to carve from, at most one per family
 * @param ipv4Mask prefix length of a node's IPv4 block
 * @param ipv6Mask prefix length of a node's IPv6 block
 */
public record PodCidrs(List<Cidr> cluster, int ipv4Mask, int ipv6Mask) {

    static final PodCidrs NONE = new PodCidrs(List.of(), 24, 80);

    public PodCidrs {
        cluster = List.copyOf(cluster);
    }

    int mask(Family family) {
        return switch (family) {
            case IPV4 -> ipv4Mask;
            case IPV6 -> ipv6Mask;
        };
    }
}
