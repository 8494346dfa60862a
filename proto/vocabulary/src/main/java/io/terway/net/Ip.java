package io.terway.net;

import java.util.Objects;

/**
 * One IPv4 or IPv6 address, without zone or prefix length. Ordered by family, then numerically.
 *
 * @param family the family; an IPv4-mapped IPv6 address stays IPv6
 * @param high the upper 64 bits; 0 for IPv4
 * @param low the lower 64 bits; an IPv4 address is the low 32 of them
 */
public record Ip(Family family, long high, long low) implements Comparable<Ip> {

    public Ip {
        Objects.requireNonNull(family, "family");
        if (family == Family.IPV4 && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("an IPv4 address has 32 bits");
        }
    }

    /**
     * Reads the text form: dotted quad without leading zeros (which some parsers read as octal), or RFC 4291.
     *
     * @throws IllegalArgumentException naming the text when it is neither
     */
    public static Ip parse(String text) {
        return text.indexOf(':') >= 0 ? Ipv6Text.parse(text) : parseIpv4(text);
    }

    /** Network byte order, 4 or 16 bytes. */
    public static Ip of(byte[] bytes) {
        return switch (bytes.length) {
            case 4 -> new Ip(Family.IPV4, 0, unsigned(bytes, 0, 4));
            case 16 -> new Ip(Family.IPV6, unsigned(bytes, 0, 8), unsigned(bytes, 8, 8));
            default -> throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        };
    }

    /** The IPv4 address with these 32 bits. */
    public static Ip ofIpv4(int bits) {
        return new Ip(Family.IPV4, 0, Integer.toUnsignedLong(bits));
    }

    /** Network byte order: 4 bytes for IPv4, 16 for IPv6. A fresh array. */
    public byte[] bytes() {
        byte[] out = new byte[family.bits() / 8];
        for (int i = 0; i < out.length; i++) {
            int fromEnd = out.length - 1 - i;
            out[i] = (byte) (fromEnd < 8 ? low >>> (8 * fromEnd) : high >>> (8 * (fromEnd - 8)));
        }
        return out;
    }

    /**
     * This address plus {@code delta}; may be negative.
     *
     * @throws ArithmeticException when the result leaves the family's space
     */
    public Ip plus(long delta) {
        if (family == Family.IPV4) {
            long sum = low + delta;
            if (sum >>> 32 != 0) {
                throw new ArithmeticException(this + " + " + delta + " is outside IPv4");
            }
            return new Ip(family, 0, sum);
        }
        long sum = low + delta;
        boolean carry = delta >= 0 && Long.compareUnsigned(sum, low) < 0;
        boolean borrow = delta < 0 && Long.compareUnsigned(sum, low) > 0;
        if (carry && high == -1L || borrow && high == 0) {
            throw new ArithmeticException(this + " + " + delta + " is outside IPv6");
        }
        return new Ip(family, carry ? high + 1 : borrow ? high - 1 : high, sum);
    }

    @Override
    public int compareTo(Ip other) {
        int byFamily = family.compareTo(other.family);
        if (byFamily != 0) {
            return byFamily;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** The text form; IPv6 as RFC 5952. */
    @Override
    public String toString() {
        if (family == Family.IPV6) {
            return Ipv6Text.format(high, low);
        }
        return (low >>> 24) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    }

    static Ip parseIpv4(String text) {
        return parseIpv4(text, text);
    }

    /** Reads a dotted quad that may be the tail of {@code whole}, which a refusal names. */
    static Ip parseIpv4(String text, String whole) {
        long value = 0;
        int octets = 0;
        int digits = 0;
        int octet = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '.';
            if (c == '.') {
                if (digits == 0 || octet > 255) {
                    throw notAnAddress(whole);
                }
                value = value << 8 | octet;
                octets++;
                digits = 0;
                octet = 0;
            } else if (c >= '0' && c <= '9' && digits < 3 && !(digits > 0 && octet == 0)) {
                octet = octet * 10 + (c - '0');
                digits++;
            } else {
                throw notAnAddress(whole);
            }
        }
        if (octets != 4) {
            throw notAnAddress(whole);
        }
        return new Ip(Family.IPV4, 0, value);
    }

    static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException("'" + text + "' is not an IP address");
    }

    private static long unsigned(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 8 | bytes[i] & 255;
        }
        return value;
    }
}
