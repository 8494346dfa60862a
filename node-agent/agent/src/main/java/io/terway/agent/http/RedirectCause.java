package io.terway.agent.http;

import io.terway.node.policy.Direction;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Why ports with HTTP rules are closed. Its words are the same each time and hold nothing that the pod wrote. */
enum RedirectCause {
    REDIRECTS(
            "its network namespace redirects them, as a sidecar mesh does, and requests cannot be read there; give these rules"
                    + " to the mesh and allow the ports without HTTP rules, or exclude the ports from the mesh (Istio: %s)"),
    LEGACY(
            "its network namespace has a nat table of iptables-legacy, as a sidecar mesh makes, whose rules cannot be read here;"
                    + " give these rules to the mesh and allow the ports without HTTP rules, or let the mesh write its rules by"
                    + " iptables-nft and exclude the ports (Istio: %s)"),
    UNREADABLE(
            "whether its network namespace redirects them, as a sidecar mesh does, could not be read (the agent's log says"
                    + " why); remove nftables rules that are not needed from the pod, or allow the ports without HTTP rules");

    private final String why;

    RedirectCause(String why) {
        this.why = why;
    }

    String text(Set<Direction> directions) {
        return "HTTP rules of policy are refused for this pod and the ports with such rules are closed for "
                + joined(directions, RedirectCause::connections) + ": "
                + why.formatted(joined(directions, RedirectCause::annotation));
    }

    private static String joined(Set<Direction> directions, Function<Direction, String> words) {
        return directions.stream().sorted().map(words).collect(Collectors.joining(" and "));
    }

    private static String connections(Direction direction) {
        return switch (direction) {
            case INGRESS -> "connections to it";
            case EGRESS -> "connections of its processes";
        };
    }

    private static String annotation(Direction direction) {
        return switch (direction) {
            case INGRESS -> "traffic.sidecar.istio.io/excludeInboundPorts";
            case EGRESS -> "traffic.sidecar.istio.io/excludeOutboundPorts";
        };
    }
}
