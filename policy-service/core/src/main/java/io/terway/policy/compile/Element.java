package io.terway.policy.compile;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.policy.Protocol;

/** What a set holds. */
public sealed interface Element {

    /** One address of a pod or node. */
    record Address(Ip ip) implements Element {}

    /** A destination with the port that a name means there. */
    record Endpoint(Ip ip, Protocol protocol, int port) implements Element {}

    /** A block of addresses. */
    record Block(Cidr cidr) implements Element {}
}
