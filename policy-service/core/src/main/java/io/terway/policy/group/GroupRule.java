package io.terway.policy.group;

import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import io.terway.policy.Direction;

/**
 * One rule, in the cloud's terms.
 *
 * @param priority 1 (first) to 100
 * @param protocol TCP, UDP or ALL
 * @param portRange {@code first/last}; -1/-1 for ALL
 */
public record GroupRule(
        Direction direction, boolean accept, int priority, String protocol, String portRange, Peer peer) {

    /** The other side. */
    public sealed interface Peer {
        record Block(Cidr cidr) implements Peer {
            @Override
            public String toString() {
                return cidr.toString();
            }
        }

        record Group(SecurityGroupId id) implements Peer {
            @Override
            public String toString() {
                return id.toString();
            }
        }
    }

    @Override
    public String toString() {
        return direction.name().toLowerCase(java.util.Locale.ROOT) + " " + (accept ? "accept" : "drop") + " " + protocol
                + " " + portRange + (direction == Direction.INGRESS ? " from " : " to ") + peer + " priority "
                + priority;
    }
}
