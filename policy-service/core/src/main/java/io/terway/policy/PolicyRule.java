package io.terway.policy;

import java.util.List;

/**
 * One allow rule of one direction. A Cilium rule with several port lists becomes several of these with one index.
 *
 * @param index its place in the policy's list
 * @param peers any of these; empty: nobody
 * @param ports any of these; empty: none
 * @param http not empty: of the connections, only requests that one of these lets through
 */
public record PolicyRule(int index, List<Peer> peers, List<PortMatch> ports, List<HttpRule> http) {
    public PolicyRule {
        peers = List.copyOf(peers);
        ports = List.copyOf(ports);
        http = List.copyOf(http);
    }
}
