package io.terway.link;

import java.util.Optional;

/** Where a leader is called: the host:port part of a holder identity. */
public record Address(String host, int port) {

    public Address {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("'" + host + ":" + port + "' is not host:port");
        }
    }

    /** Reads {@code host:port} or {@code host:port_instance}; empty when the text is something else. */
    public static Optional<Address> ofIdentity(String identity) {
        int end = identity.indexOf('_');
        String address = end < 0 ? identity : identity.substring(0, end);
        int colon = address.lastIndexOf(':');
        String port = colon < 1 ? "" : address.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            return Optional.empty();
        }
        return Optional.of(new Address(address.substring(0, colon), Integer.parseInt(port)));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
