package io.terway.policy;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.List;

/**
 * The allow rules of one direction, resolved to addresses and port numbers; pods bound by the same rules share one. A
 * connection that no rule allows is dropped.
 *
 * @param direction which packets it judges
 * @param policies the policies it comes from, sorted
 * @param rules in policy order
 */
public record Program(Direction direction, List<PolicyId> policies, List<Rule> rules) {

    public Program {
        policies = List.copyOf(policies);
        rules = List.copyOf(rules);
    }

    /** True when a rule lets the other side's {@code address} through to {@code port}. */
    public boolean allows(Ip address, Protocol protocol, int port) {
        return rules.stream().anyMatch(rule -> rule.matches(address, protocol, port));
    }

    /**
     * One resolved rule.
     *
     * @param source where it comes from
     * @param peers blocks of the other side, disjoint and sorted; ignored when {@code anyPeer}
     * @param anyPeer everybody
     * @param ports port ranges; ignored when {@code anyPort}
     * @param anyPort every port, and protocols without ports too
     */
    public record Rule(
            Verdict.RuleId source, List<Cidr> peers, boolean anyPeer, List<PortMatch.Range> ports, boolean anyPort) {

        public Rule {
            peers = List.copyOf(peers);
            ports = List.copyOf(ports);
        }

        boolean matches(Ip address, Protocol protocol, int port) {
            return (anyPeer || peers.stream().anyMatch(block -> block.contains(address)))
                    && (anyPort
                            || ports.stream()
                                    .anyMatch(range -> range.protocol() == protocol
                                            && range.first() <= port
                                            && port <= range.last()));
        }
    }
}
