package io.terway.eni.sim;

import java.util.Objects;

/**
 * Where a server listens.
 *
 * @param host an address of this machine
 * @param port 0 to 65535; 0 lets the system choose
 */
public record Listen(String host, int port) {

    public Listen {
        Objects.requireNonNull(host, "host");
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not in 0..65535");
        }
    }
}
