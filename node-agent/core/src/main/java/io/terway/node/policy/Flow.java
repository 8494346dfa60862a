package io.terway.node.policy;

import io.terway.net.Ip;

/**
 * A connection as seen after Service translation.
 *
 * @param protocol IANA's number
 * @param port of the destination; 0 for protocols without
 */
public record Flow(Ip from, Ip to, int protocol, int port) {}
