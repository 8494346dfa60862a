package io.terway.policy;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The slow, obvious judge: reads the policies as the API documentation does, one connection at a time. The compiler is
 * tested against it, and people get their explanations from it.
 *
 * <p>Decided once: traffic between a pod and its own node passes both ways; an ipBlock also means pod addresses; a named
 * port is the destination pod's, whatever the peer; a finished pod's address belongs to nobody.
 */
public final class Evaluator {

    private final PolicyCluster cluster;

    public Evaluator(PolicyCluster cluster) {
        this.cluster = cluster;
    }

    /** Judges a new connection on both sides. Replies follow their connection and are not asked about. */
    public Verdict judge(Probe probe) {
        return new Verdict(side(Direction.INGRESS, probe), side(Direction.EGRESS, probe));
    }

    private Verdict.Side side(Direction direction, Probe probe) {
        Ip own = direction == Direction.INGRESS ? probe.to() : probe.from();
        Ip other = direction == Direction.INGRESS ? probe.from() : probe.to();
        Optional<PolicyPod> pod = cluster.podAt(own);
        if (pod.isEmpty()) {
            return Verdict.Side.of(Verdict.Reason.NOT_A_POLICY_SUBJECT);
        }
        if (pod.get().ips().contains(other)) {
            return Verdict.Side.of(Verdict.Reason.SELF);
        }
        Optional<NodeName> otherNode = cluster.nodeAt(other);
        if (otherNode.isPresent() && otherNode.equals(pod.get().node())) {
            return Verdict.Side.of(Verdict.Reason.OWN_NODE);
        }
        return byPolicies(direction, probe, pod.get(), other);
    }

    private Verdict.Side byPolicies(Direction direction, Probe probe, PolicyPod pod, Ip other) {
        List<PolicyId> isolatedBy = new ArrayList<>();
        List<Verdict.RuleId> allowedBy = new ArrayList<>();
        for (NetworkPolicy policy : cluster.policies()) {
            Optional<List<PolicyRule>> rules = policy.rules(direction);
            if (rules.isEmpty() || !PolicyCluster.binds(policy, pod)) {
                continue;
            }
            isolatedBy.add(policy.id());
            for (int i = 0; i < rules.get().size(); i++) {
                if (allows(policy, rules.get().get(i), other, probe)) {
                    allowedBy.add(new Verdict.RuleId(policy.id(), i));
                }
            }
        }
        isolatedBy.sort(null);
        allowedBy.sort(Comparator.comparing(Verdict.RuleId::policy).thenComparing(Verdict.RuleId::rule));
        Verdict.Reason reason = isolatedBy.isEmpty()
                ? Verdict.Reason.NOT_ISOLATED
                : allowedBy.isEmpty() ? Verdict.Reason.ISOLATED_NO_RULE : Verdict.Reason.RULE;
        return new Verdict.Side(reason, isolatedBy, allowedBy);
    }

    private boolean allows(NetworkPolicy policy, PolicyRule rule, Ip other, Probe probe) {
        boolean peerMatches =
                rule.peers().isEmpty() || rule.peers().stream().anyMatch(peer -> meansAddress(policy, peer, other));
        boolean portMatches = rule.ports().isEmpty() || rule.ports().stream().anyMatch(port -> meansPort(port, probe));
        return peerMatches && portMatches;
    }

    private boolean meansAddress(NetworkPolicy policy, Peer peer, Ip address) {
        return switch (peer) {
            case Peer.Block block ->
                block.cidr().contains(address) && block.except().stream().noneMatch(hole -> hole.contains(address));
            case Peer.Pods pods ->
                cluster.podAt(address)
                        .filter(pod -> cluster.means(pods, policy.id().namespace(), pod))
                        .isPresent();
        };
    }

    private boolean meansPort(PortMatch port, Probe probe) {
        if (port.protocol() != probe.protocol()) {
            return false;
        }
        return switch (port) {
            case PortMatch.Every _ -> true;
            case PortMatch.Range range -> range.first() <= probe.port() && probe.port() <= range.last();
            case PortMatch.Named named ->
                cluster.podAt(probe.to())
                        .filter(pod -> pod.numbersOf(named).contains(probe.port()))
                        .isPresent();
        };
    }
}
