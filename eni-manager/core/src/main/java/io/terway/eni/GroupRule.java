package io.terway.eni;

import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import java.util.Locale;

/**
 * A rule of a security group, in the cloud's terms.
 *
 * @param id the cloud's; empty for one that is to be added
 * @param priority 1 (first) to 100
 * @param protocol in capitals, "TCP"
 * @param peer the other side
 */
public record GroupRule(
        String id,
        Direction direction,
        boolean accept,
        int priority,
        String protocol,
        String portRange,
        Peer peer,
        String description) {

    public static final int MAX_DESCRIPTION = 512;

    /** Rules that one call may add or take away. */
    public static final int MAX_IN_CALL = 100;

    /** Which way its packets go. */
    public enum Direction {
        INGRESS,
        EGRESS
    }

    /** The other side of a rule. */
    public sealed interface Peer {

        record Block(Cidr cidr) implements Peer {}

        record Group(SecurityGroupId id) implements Peer {}

        /** A prefix list, or whatever else others use and we only show. */
        record Other(String text) implements Peer {}
    }

    public GroupRule {
        if (priority < 1 || priority > 100) {
            throw new IllegalArgumentException("a rule's priority is 1 to 100, not " + priority);
        }
        protocol = protocol.toUpperCase(Locale.ROOT);
        boolean ports = switch (protocol) {
            case "TCP", "UDP" -> true;
            case "ICMP", "ICMPV6", "GRE", "ALL" -> false;
            default ->
                throw new IllegalArgumentException(
                        "protocol '" + protocol + "' is not TCP, UDP, ICMP, ICMPv6, GRE or ALL");
        };
        if (!(ports ? isRange(portRange) : portRange.equals("-1/-1"))) {
            throw new IllegalArgumentException("port range '" + portRange + "' is not "
                    + (ports ? "two ports from 1 to 65535 as 80/443" : "-1/-1") + ", as " + protocol + " needs");
        }
        if (description.length() > MAX_DESCRIPTION) {
            throw new IllegalArgumentException("a rule's description has " + description.length()
                    + " characters, at most " + MAX_DESCRIPTION + " are allowed");
        }
    }

    private static boolean isRange(String text) {
        if (!text.matches("[0-9]{1,5}/[0-9]{1,5}")) {
            return false;
        }
        int slash = text.indexOf('/');
        int first = Integer.parseInt(text.substring(0, slash));
        int last = Integer.parseInt(text.substring(slash + 1));
        return 1 <= first && first <= last && last <= 65_535;
    }

    /** True when both say the same about the same packets; ids and descriptions apart. */
    public boolean saysTheSameAs(GroupRule other) {
        return direction == other.direction
                && accept == other.accept
                && priority == other.priority
                && protocol.equals(other.protocol)
                && portRange.equals(other.portRange)
                && peer.equals(other.peer);
    }

    GroupRule withDescription(String text) {
        return new GroupRule(id, direction, accept, priority, protocol, portRange, peer, text);
    }
}
