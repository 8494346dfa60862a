package io.terway.node.hostport;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.policy.Transport;
import java.util.Objects;

/**
 * A port of the node that leads to a pod.
 *
 * @param at the node's addresses where it is open: a single one, or all of a family (/0)
 * @param port of the node
 * @param podPort of the pod
 */
public record HostPort(Transport transport, Cidr at, int port, int podPort) {

    private static final int MAX_PORT = 65535;

    public HostPort {
        Objects.requireNonNull(transport, "transport");
        if (at.prefixLength() != 0 && at.prefixLength() != at.family().bits()) {
            throw new IllegalArgumentException(
                    "host port " + port + " is open at " + at + ", neither one address nor all");
        }
        requirePort("hostPort", port);
        requirePort("containerPort", podPort);
    }

    /** Open at every address of this family. */
    public static HostPort everywhere(Transport transport, Family family, int port, int podPort) {
        return new HostPort(transport, new Cidr(new Ip(family, 0, 0), 0), port, podPort);
    }

    private static void requirePort(String name, int port) {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(name + " " + port + " is not in 1.." + MAX_PORT);
        }
    }

    public Family family() {
        return at.family();
    }

    /** Open at every address of its family. */
    public boolean isEverywhere() {
        return at.prefixLength() == 0;
    }

    /** True when some packet could be meant for either. */
    public boolean collidesWith(HostPort other) {
        return transport == other.transport && port == other.port && at.overlaps(other.at);
    }

    @Override
    public String toString() {
        return port + "/" + transport + (isEverywhere() ? "" : " at " + at.network());
    }
}
