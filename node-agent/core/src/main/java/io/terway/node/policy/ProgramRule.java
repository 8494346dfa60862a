package io.terway.node.policy;

import java.util.List;
import java.util.Objects;

/**
 * One rule of a program.
 *
 * @param policy where it comes from, and {@code index} in that policy's list
 * @param peers the other side is in one of these; ignored when {@code anyPeer}
 * @param ports ignored when {@code anyPort}, which also means protocols without ports
 * @param http not empty: only requests that one of these lets through
 */
public record ProgramRule(
        String policy,
        int index,
        Action action,
        boolean anyPeer,
        List<PeerMatch> peers,
        boolean anyPort,
        List<PortSpan> ports,
        List<HttpMatch> http) {

    public ProgramRule {
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(action, "action");
        peers = List.copyOf(peers);
        ports = List.copyOf(ports);
        http = List.copyOf(http);
        if (!http.isEmpty() && action != Action.ACCEPT) {
            throw new IllegalArgumentException(policy + " rule " + index + ": HTTP rules only accept");
        }
    }

    /** Name of the rule for people. */
    public String name() {
        return policy + "#" + index;
    }
}
