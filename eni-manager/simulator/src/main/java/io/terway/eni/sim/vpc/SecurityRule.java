package io.terway.eni.sim.vpc;

import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import java.time.Instant;
import java.util.Objects;

/**
 * One rule of a security group.
 *
 * @param id {@code sgr-...}
 * @param ingress true when it judges packets to the ENI
 * @param protocol tcp, udp, icmp, icmpv6, gre or all, lower case
 * @param firstPort lowest port, or -1 for protocols without ports
 * @param lastPort highest port, or -1
 * @param priority 1 to 100; the smaller number wins, at equal priority drop wins
 */
public record SecurityRule(
        String id,
        boolean ingress,
        String protocol,
        int firstPort,
        int lastPort,
        Peer peer,
        boolean accept,
        int priority,
        String description,
        Instant created) {

    /** The other end of the packets that a rule judges. */
    public sealed interface Peer {

        /** A block of either family. */
        record Block(Cidr cidr) implements Peer {}

        /** Every private address of the members of a group. */
        record Group(SecurityGroupId group) implements Peer {}

        /** A prefix list; the twin stores it and matches nothing by it. */
        record PrefixList(String list) implements Peer {}
    }

    public SecurityRule {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(peer, "peer");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(created, "created");
    }

    /** True when both judge the same packets the same way at the same priority. */
    public boolean sameAs(SecurityRule other) {
        return sameMatch(other) && accept == other.accept && priority == other.priority;
    }

    /** True when both judge the same packets. */
    public boolean sameMatch(SecurityRule other) {
        return ingress == other.ingress
                && protocol.equals(other.protocol)
                && firstPort == other.firstPort
                && lastPort == other.lastPort
                && peer.equals(other.peer);
    }
}
