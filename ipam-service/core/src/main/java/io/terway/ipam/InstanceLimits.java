package io.terway.ipam;

import io.terway.net.Family;

/**
 * What an instance type allows (DescribeInstanceTypes).
 *
 * @param enis ENIs, the primary one counted
 * @param ipv4PerEni IPv4 addresses per ENI, its own first one counted
 * @param ipv6PerEni IPv6 addresses per ENI
 * @param enisTotal ENIs and member ENIs together
 * @param trunk true when one ENI may be a trunk
 */
public record InstanceLimits(int enis, int ipv4PerEni, int ipv6PerEni, int enisTotal, boolean trunk) {

    public static final InstanceLimits UNKNOWN = new InstanceLimits(0, 0, 0);

    public InstanceLimits {
        if (enis < 0 || ipv4PerEni < 0 || ipv6PerEni < 0 || enisTotal < 0) {
            throw new IllegalArgumentException("limits must not be negative");
        }
    }

    /** Of a type that carries no members. */
    public InstanceLimits(int enis, int ipv4PerEni, int ipv6PerEni) {
        this(enis, ipv4PerEni, ipv6PerEni, enis, false);
    }

    /** Member ENIs the instance carries beside a full set of ENIs. */
    public int members() {
        return trunk ? Math.max(0, enisTotal - enis) : 0;
    }

    /** Addresses of this family one ENI can carry. */
    public int perEni(Family family) {
        return switch (family) {
            case IPV4 -> ipv4PerEni;
            case IPV6 -> ipv6PerEni;
        };
    }

    /** Addresses of this family the instance could hold for pods: the primary ENI's belong to the node. */
    public int capacity(Family family) {
        return Math.max(0, enis - 1) * perEni(family);
    }
}
