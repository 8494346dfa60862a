package io.terway.policy;

import io.terway.net.Ip;
import java.util.Objects;

/**
 * A new connection as seen after Service translation.
 *
 * @param from source address
 * @param to destination address, same family
 * @param protocol transport
 * @param port destination port
 */
public record Probe(Ip from, Ip to, Protocol protocol, int port) {
    public Probe {
        Objects.requireNonNull(protocol);
        if (from.family() != to.family()) {
            throw new IllegalArgumentException("a connection has one family: " + from + " to " + to);
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not in 1..65535");
        }
    }
}
