package io.terway.eni;

/**
 * What an ENI is created with, beside its own first address.
 *
 * @param ipv4 secondary addresses, 0 to {@link #MAX_IPV4}; not together with {@code ipv4Prefixes}
 * @param ipv6 0 to {@link #MAX_IPV6}; not together with {@code ipv6Prefixes}
 * @param ipv4Prefixes /28 blocks, 0 to {@link #MAX_PREFIXES}
 * @param ipv6Prefixes /80 blocks, 0 to {@link #MAX_PREFIXES}
 */
public record AddressCounts(int ipv4, int ipv6, int ipv4Prefixes, int ipv6Prefixes) {

    /** The cloud creates an ENI with at most this many secondary IPv4 addresses. */
    public static final int MAX_IPV4 = 49;

    public static final int MAX_IPV6 = 10;
    public static final int MAX_PREFIXES = 10;

    public AddressCounts {
        between("IPv4 addresses", ipv4, MAX_IPV4);
        between("IPv6 addresses", ipv6, MAX_IPV6);
        between("IPv4 prefixes", ipv4Prefixes, MAX_PREFIXES);
        between("IPv6 prefixes", ipv6Prefixes, MAX_PREFIXES);
        if (ipv4 > 0 && ipv4Prefixes > 0 || ipv6 > 0 && ipv6Prefixes > 0) {
            throw new IllegalArgumentException(
                    "single addresses and prefixes of one family are not created together, but " + ipv4 + " and "
                            + ipv4Prefixes + " of IPv4, " + ipv6 + " and " + ipv6Prefixes + " of IPv6 are asked for");
        }
    }

    /** Single addresses only. */
    public static AddressCounts of(int ipv4, int ipv6) {
        return new AddressCounts(ipv4, ipv6, 0, 0);
    }

    /** IPv4 addresses this takes from the vSwitch, the ENI's own first one counted. */
    public int ipv4Taken() {
        return 1 + ipv4 + 16 * ipv4Prefixes;
    }

    private static void between(String what, int value, int most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException("an ENI is created with 0 to " + most + " " + what + ", not " + value);
        }
    }

    @Override
    public String toString() {
        return ipv4 + " IPv4, " + ipv6 + " IPv6, " + ipv4Prefixes + " IPv4 prefixes, " + ipv6Prefixes
                + " IPv6 prefixes";
    }
}
