package io.terway.node.policy;

import io.terway.net.Ip;
import java.util.Objects;

/** A destination: what a named port means on one pod. */
public record Endpoint(Ip address, Transport transport, int port) {

    public Endpoint {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(transport, "transport");
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " of " + address + " is not in 1..65535");
        }
    }
}
