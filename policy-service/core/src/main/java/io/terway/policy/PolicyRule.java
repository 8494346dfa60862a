package io.terway.policy;

import java.util.List;

/**
 * One allow rule of one direction.
 *
 * @param peers any of these; empty: everybody
 * @param ports any of these; empty: every port and protocol
 */
public record PolicyRule(List<Peer> peers, List<PortMatch> ports) {
    public PolicyRule {
        peers = List.copyOf(peers);
        ports = List.copyOf(ports);
    }
}
