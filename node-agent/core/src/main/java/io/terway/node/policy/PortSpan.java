package io.terway.node.policy;

import java.util.Objects;

/**
 * Ports {@code first} to {@code last} of one protocol, both included.
 *
 * @param first 0 with {@code last} 65535: all ports
 */
public record PortSpan(Transport transport, int first, int last) implements Comparable<PortSpan> {

    private static final int HIGHEST = 65_535;

    public PortSpan {
        Objects.requireNonNull(transport, "transport");
        if (first < 0 || last > HIGHEST || last < first) {
            throw new IllegalArgumentException("ports " + first + " to " + last + " are not a range in 0..65535");
        }
    }

    /** Every port of the protocol. */
    public static PortSpan all(Transport transport) {
        return new PortSpan(transport, 0, HIGHEST);
    }

    public boolean isAll() {
        return first == 0 && last == HIGHEST;
    }

    public boolean contains(Transport other, int port) {
        return transport == other && first <= port && port <= last;
    }

    /** As nft writes it: one port, or a range. */
    String ports() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }

    @Override
    public int compareTo(PortSpan other) {
        int byTransport = transport.compareTo(other.transport);
        int byFirst = Integer.compare(first, other.first);
        return byTransport != 0 ? byTransport : byFirst != 0 ? byFirst : Integer.compare(last, other.last);
    }
}
