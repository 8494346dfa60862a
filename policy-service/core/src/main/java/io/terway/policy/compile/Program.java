package io.terway.policy.compile;

import io.terway.net.Family;
import io.terway.policy.ClusterPolicy.Action;
import io.terway.policy.Direction;
import io.terway.policy.HttpRule;
import io.terway.policy.PolicyId;
import io.terway.policy.PortMatch;
import io.terway.policy.Verdict;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What judges one direction of the pods that share it: admin rules in order, then, if isolated, the rules of the
 * NetworkPolicy tier (no match drops), else the baseline rules in order (no match passes).
 *
 * @param policies those that isolate, sorted; empty unless isolated
 * @param rules those without HTTP first
 */
public record Program(
        Direction direction,
        List<PolicyId> policies,
        boolean isolated,
        List<Rule> admin,
        List<Rule> rules,
        List<Rule> baseline) {

    public Program {
        policies = List.copyOf(policies);
        admin = List.copyOf(admin);
        rules = List.copyOf(rules);
        baseline = List.copyOf(baseline);
    }

    /**
     * One resolved rule; it matches when the other side and the port do.
     *
     * @param anyPeer everybody; {@code peers} is empty then
     * @param ports ignored when {@code anyPort}
     * @param anyPort every port, and protocols without ports too
     * @param http not empty: only such requests
     */
    public record Rule(
            Verdict.RuleId source,
            Action action,
            boolean anyPeer,
            List<PeerSet> peers,
            boolean anyPort,
            List<PortMatch.Range> ports,
            List<HttpRule> http) {

        public Rule {
            peers = List.copyOf(peers);
            ports = List.copyOf(ports);
            http = List.copyOf(http);
        }
    }

    /**
     * A reference to a set.
     *
     * @param outside means the addresses that are not in it, of one family if one is named
     */
    public record PeerSet(AddressSet set, boolean outside, Optional<Family> family) {}

    /** The sets it refers to. */
    public Set<AddressSet> sets() {
        Set<AddressSet> out = new LinkedHashSet<>();
        Stream.of(admin, rules, baseline)
                .flatMap(List::stream)
                .forEach(rule -> rule.peers().forEach(peer -> out.add(peer.set())));
        return out;
    }
}
