package io.terway.net;

import java.util.Objects;

/**
 * A network: an address with its host bits clear, and a prefix length.
 *
 * @param network the lowest address of the block
 * @param prefixLength number of leading network bits, 0 to the family's width
 */
public record Cidr(Ip network, int prefixLength) implements Comparable<Cidr> {

    public Cidr {
        Objects.requireNonNull(network, "network");
        if (prefixLength < 0 || prefixLength > network.family().bits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " of " + network + " is not in 0.."
                    + network.family().bits());
        }
        if (!mask(network, prefixLength).equals(network)) {
            throw new IllegalArgumentException(network + "/" + prefixLength + " has host bits set; the network is "
                    + mask(network, prefixLength) + "/" + prefixLength);
        }
    }

    /**
     * Reads {@code address/length} strictly: host bits must be clear.
     *
     * @throws IllegalArgumentException naming the text and, for set host bits, the corrected network
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? single(Ip.parse(text)) : new Cidr(Ip.parse(text.substring(0, slash)), length(text, slash));
    }

    /** Reads {@code address/length} and clears set host bits, as stored Kubernetes objects may carry them. */
    public static Cidr parseMasking(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? single(Ip.parse(text)) : containing(Ip.parse(text.substring(0, slash)), length(text, slash));
    }

    /** The block of this prefix length that holds {@code ip}. */
    public static Cidr containing(Ip ip, int prefixLength) {
        return new Cidr(mask(ip, prefixLength), prefixLength);
    }

    /** The /32 or /128 of one address. */
    public static Cidr single(Ip ip) {
        return new Cidr(ip, ip.family().bits());
    }

    public Family family() {
        return network.family();
    }

    /** True when {@code ip} is of this family and inside. */
    public boolean contains(Ip ip) {
        return ip.family() == family() && mask(ip, prefixLength).equals(network);
    }

    /** True when every address of {@code other} is inside. */
    public boolean contains(Cidr other) {
        return other.prefixLength >= prefixLength && contains(other.network);
    }

    /** True when the two blocks share an address. */
    public boolean overlaps(Cidr other) {
        return contains(other) || other.contains(this);
    }

    /** The highest address of the block. */
    public Ip last() {
        int host = family().bits() - prefixLength;
        long lowMask = host >= 64 ? -1L : (1L << host) - 1;
        long highMask = host <= 64 ? 0 : host == 128 ? -1L : (1L << (host - 64)) - 1;
        return new Ip(family(), network.high() | highMask, network.low() | lowMask);
    }

    /** Number of addresses, {@link Long#MAX_VALUE} when it does not fit. */
    public long size() {
        int host = family().bits() - prefixLength;
        return host >= 63 ? Long.MAX_VALUE : 1L << host;
    }

    /**
     * The gateway of a vSwitch: the third address from the end of an IPv4 block; for IPv6 the ninth from the end
     * (VPC documentation; {@code ...fff7} in its examples).
     */
    public Ip vSwitchGateway() {
        return last().plus(family() == Family.IPV4 ? -2 : -8);
    }

    @Override
    public int compareTo(Cidr other) {
        int byNetwork = network.compareTo(other.network);
        return byNetwork != 0 ? byNetwork : Integer.compare(prefixLength, other.prefixLength);
    }

    @Override
    public String toString() {
        return network + "/" + prefixLength;
    }

    private static int length(String text, int slash) {
        String digits = text.substring(slash + 1);
        if (!digits.matches("0|[1-9][0-9]{0,2}")) {
            throw new IllegalArgumentException("'" + text + "' is not address/prefix-length");
        }
        return Integer.parseInt(digits);
    }

    private static Ip mask(Ip ip, int prefixLength) {
        if (prefixLength < 0 || prefixLength > ip.family().bits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " of " + ip + " is not in 0.."
                    + ip.family().bits());
        }
        int host = ip.family().bits() - prefixLength;
        long low = host >= 64 ? 0 : ip.low() & -1L << host;
        long high = host <= 64 ? ip.high() : host == 128 ? 0 : ip.high() & -1L << (host - 64);
        return new Ip(ip.family(), high, low);
    }
}
