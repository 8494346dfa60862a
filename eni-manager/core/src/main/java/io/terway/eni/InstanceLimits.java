package io.terway.eni;

import io.terway.net.InstanceType;

/**
 * What an instance type allows (DescribeInstanceTypes).
 *
 * @param enis ENIs, the primary one counted
 * @param ipv4PerEni IPv4 addresses per ENI, the ENI's own counted
 * @param ipv6PerEni IPv6 addresses per ENI
 * @param enisTotal ENIs plus members
 */
public record InstanceLimits(
        InstanceType type, int enis, int ipv4PerEni, int ipv6PerEni, int enisTotal, boolean trunkSupported) {

    public InstanceLimits {
        if (enis < 0 || ipv4PerEni < 0 || ipv6PerEni < 0 || enisTotal < 0) {
            throw new IllegalArgumentException("limits of " + type + " are negative");
        }
    }

    /** ENIs we may add to the primary one. */
    public int secondaryEnis() {
        return Math.max(0, enis - 1);
    }

    /** Members a trunk may carry; 0 where the type has no trunks. */
    public int members() {
        return trunkSupported ? Math.max(0, enisTotal - enis) : 0;
    }

    /** Pods with an address of their own when every secondary ENI is full, its primary address not used by pods. */
    public int secondaryAddresses() {
        return secondaryEnis() * Math.max(0, ipv4PerEni - 1);
    }
}
