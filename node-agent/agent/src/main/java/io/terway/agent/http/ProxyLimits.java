package io.terway.agent.http;

import java.time.Duration;

/**
 * What one client may cost the node.
 *
 * @param connections open at a time, of all clients
 * @param perClient open at a time, of one address
 * @param lineBytes of the request line
 * @param headerBytes of all header lines
 * @param streams open at a time on one HTTP/2 connection
 * @param connect how long the destination may take to accept
 * @param head how long a request's head may take from its first byte on
 * @param idle how long nothing may be sent either way
 */
record ProxyLimits(
        int connections,
        int perClient,
        int lineBytes,
        int headerBytes,
        int streams,
        Duration connect,
        Duration head,
        Duration idle) {

    static final ProxyLimits DEFAULT = new ProxyLimits(
            16_384,
            1_024,
            8 * 1024,
            32 * 1024,
            100,
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(10));
}
