package io.terway.policy.compile;

import io.terway.policy.ClusterPolicy.Action;
import io.terway.policy.Direction;
import io.terway.policy.HttpRule;
import io.terway.policy.Policy;
import io.terway.policy.PolicyPod;
import io.terway.policy.PortMatch;
import io.terway.policy.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A policy with its peers as sets, made once for all pods it binds. Compared by identity: a changed policy is another.
 */
final class CompiledPolicy {

    private final Policy policy;
    private final List<Template> ingress;
    private final List<Template> egress;

    /**
     * A rule whose named ports on ingress are still open: they are the subject's own.
     *
     * @param rule what is the same for every subject
     * @param named to be looked up on the subject; they add to the rule's ports
     */
    record Template(Program.Rule rule, List<PortMatch.Named> named) {}

    CompiledPolicy(Policy policy, List<Template> ingress, List<Template> egress) {
        this.policy = policy;
        this.ingress = List.copyOf(ingress);
        this.egress = List.copyOf(egress);
    }

    Policy policy() {
        return policy;
    }

    List<Template> templates(Direction direction) {
        return switch (direction) {
            case INGRESS -> ingress;
            case EGRESS -> egress;
        };
    }

    /** True when its rules depend on the subject's named ports. */
    boolean asksForPorts(Direction direction) {
        return templates(direction).stream()
                .anyMatch(template -> !template.named().isEmpty());
    }

    /** The rules for a subject with these ports; those that can match nothing are left out. */
    List<Program.Rule> rules(Direction direction, List<PolicyPod.NamedPort> ports) {
        List<Program.Rule> out = new ArrayList<>();
        for (Template template : templates(direction)) {
            Program.Rule rule = template.rule();
            if (template.named().isEmpty()) {
                out.add(rule);
                continue;
            }
            Set<PortMatch.Range> all = new LinkedHashSet<>(rule.ports());
            for (PortMatch.Named named : template.named()) {
                for (PolicyPod.NamedPort port : ports) {
                    if (port.name().equals(named.name()) && port.protocol() == named.protocol()) {
                        all.add(new PortMatch.Range(named.protocol(), port.number(), port.number()));
                    }
                }
            }
            if (!all.isEmpty()) {
                out.add(new Program.Rule(
                        rule.source(),
                        rule.action(),
                        rule.anyPeer(),
                        rule.peers(),
                        false,
                        List.copyOf(all),
                        rule.http()));
            }
        }
        return out;
    }

    /** Every set its rules refer to. */
    Set<AddressSet> sets() {
        Set<AddressSet> out = new LinkedHashSet<>();
        for (Direction direction : Direction.values()) {
            templates(direction).forEach(template -> template.rule().peers().forEach(peer -> out.add(peer.set())));
        }
        return out;
    }

    /** A template before its ports are known. */
    static Template template(
            Verdict.RuleId source,
            Action action,
            boolean anyPeer,
            List<Program.PeerSet> peers,
            boolean anyPort,
            List<PortMatch.Range> ports,
            List<PortMatch.Named> named,
            List<HttpRule> http) {
        return new Template(new Program.Rule(source, action, anyPeer, peers, anyPort, ports, http), named);
    }
}
