package io.terway.policy;

import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The slow, obvious judge: reads the policies as the API documentation does, one connection at a time. The compiler is
 * tested against it, and people get their explanations from it.
 *
 * <p>Decided once: traffic between a pod and its own node passes both ways, whatever any tier says, and a pod reaches
 * itself; a block of addresses also means pods and nodes; a named port is the destination pod's, whatever the peer; a
 * finished pod's address belongs to nobody.
 */
public final class Evaluator {

    private final PolicyCluster cluster;
    private final Map<Ip, PolicyPod> podAt = new HashMap<>();
    private final Map<Ip, PolicyNode> nodeAt = new HashMap<>();
    private final List<ClusterPolicy> tiers;
    private final Map<String, List<NetworkPolicy>> policies = new HashMap<>();

    public Evaluator(PolicyCluster cluster) {
        this.cluster = cluster;
        cluster.pods().stream()
                .filter(PolicyPod::selectable)
                .forEach(pod -> pod.ips().forEach(ip -> podAt.putIfAbsent(ip, pod)));
        cluster.nodes().forEach(node -> node.addresses().forEach(ip -> nodeAt.putIfAbsent(ip, node)));
        tiers = cluster.policies().stream()
                .filter(ClusterPolicy.class::isInstance)
                .map(ClusterPolicy.class::cast)
                .sorted(ClusterPolicy.ORDER)
                .toList();
        for (Policy policy : cluster.policies()) {
            if (policy instanceof NetworkPolicy network) {
                policies.computeIfAbsent(network.id().namespace(), _ -> new ArrayList<>())
                        .add(network);
            }
        }
    }

    /** Judges a new connection on both sides. Its replies get the same verdict. */
    public Verdict judge(Probe probe) {
        return new Verdict(side(Direction.INGRESS, probe), side(Direction.EGRESS, probe));
    }

    private Verdict.Side side(Direction direction, Probe probe) {
        Ip own = direction == Direction.INGRESS ? probe.to() : probe.from();
        Ip other = direction == Direction.INGRESS ? probe.from() : probe.to();
        PolicyPod pod = podAt.get(own);
        if (pod == null) {
            return Verdict.Side.of(Verdict.Reason.NOT_A_POLICY_SUBJECT);
        }
        if (pod.ips().contains(other)) {
            return Verdict.Side.of(Verdict.Reason.SELF);
        }
        PolicyNode otherNode = nodeAt.get(other);
        if (otherNode != null && pod.node().equals(Optional.of(otherNode.name()))) {
            return Verdict.Side.of(Verdict.Reason.OWN_NODE);
        }
        return byTier(ClusterPolicy.Tier.ADMIN, direction, probe, pod, other)
                .or(() -> byPolicies(direction, probe, pod, other))
                .or(() -> byTier(ClusterPolicy.Tier.BASELINE, direction, probe, pod, other))
                .orElse(Verdict.Side.of(Verdict.Reason.NOT_ISOLATED));
    }

    /** The first matching rule of a tier; empty when none matches, or it passes on. */
    private Optional<Verdict.Side> byTier(
            ClusterPolicy.Tier tier, Direction direction, Probe probe, PolicyPod pod, Ip other) {
        for (ClusterPolicy policy : tiers) {
            if (policy.tier() != tier || !cluster.means(policy.subject(), pod)) {
                continue;
            }
            for (ClusterPolicy.TierRule rule : policy.rules(direction)) {
                if (matches(rule.peers(), rule.ports(), other, probe)) {
                    var id = new Verdict.RuleId(policy.id(), rule.index());
                    return switch (rule.action()) {
                        case ACCEPT -> Optional.of(decided(List.of(id), Optional.empty()));
                        case DENY -> Optional.of(decided(List.of(), Optional.of(id)));
                        case PASS -> Optional.empty();
                    };
                }
            }
        }
        return Optional.empty();
    }

    private static Verdict.Side decided(List<Verdict.RuleId> allowedBy, Optional<Verdict.RuleId> deniedBy) {
        return new Verdict.Side(Verdict.Reason.RULE, List.of(), allowedBy, deniedBy, List.of());
    }

    /** The NetworkPolicy tier; empty when no policy isolates the pod. */
    private Optional<Verdict.Side> byPolicies(Direction direction, Probe probe, PolicyPod pod, Ip other) {
        var isolatedBy = new TreeSet<PolicyId>();
        var allowedBy = new TreeSet<Verdict.RuleId>();
        List<Verdict.Http> l7 = new ArrayList<>();
        boolean everyRequest = false;
        for (NetworkPolicy policy : policies.getOrDefault(pod.ref().namespace(), List.of())) {
            if (policy.rules(direction).isEmpty() || !cluster.means(policy.subject(), pod)) {
                continue;
            }
            isolatedBy.add(policy.id());
            for (PolicyRule rule : policy.rules(direction).get()) {
                if (matches(rule.peers(), rule.ports(), other, probe)) {
                    var id = new Verdict.RuleId(policy.id(), rule.index());
                    allowedBy.add(id);
                    everyRequest |= rule.http().isEmpty();
                    l7.add(new Verdict.Http(id, rule.http()));
                }
            }
        }
        if (isolatedBy.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Verdict.Side(
                allowedBy.isEmpty() ? Verdict.Reason.ISOLATED_NO_RULE : Verdict.Reason.RULE,
                List.copyOf(isolatedBy),
                List.copyOf(allowedBy),
                Optional.empty(),
                // A rule without HTTP lets everything through: it makes the others void.
                everyRequest ? List.of() : l7));
    }

    private boolean matches(List<Peer> peers, List<PortMatch> ports, Ip other, Probe probe) {
        return peers.stream().anyMatch(peer -> means(peer, other))
                && ports.stream().anyMatch(port -> means(port, probe));
    }

    private boolean means(Peer peer, Ip address) {
        return switch (peer) {
            case Peer.Everybody _ -> true;
            case Peer.Block block -> block.contains(address);
            case Peer.Pods pods -> podAt.containsKey(address) && cluster.means(pods, podAt.get(address));
            case Peer.Nodes nodes ->
                nodeAt.containsKey(address)
                        && !podAt.containsKey(address)
                        && nodes.labels().matches(nodeAt.get(address).labels());
            case Peer.World world ->
                !podAt.containsKey(address)
                        && !nodeAt.containsKey(address)
                        && world.family().map(address.family()::equals).orElse(true);
        };
    }

    private boolean means(PortMatch port, Probe probe) {
        return switch (port) {
            case PortMatch.Any _ -> true;
            case PortMatch.Every every -> every.protocol() == probe.protocol();
            case PortMatch.Range range -> range.contains(probe.protocol(), probe.port());
            case PortMatch.Named named ->
                named.protocol() == probe.protocol()
                        && podAt.containsKey(probe.to())
                        && podAt.get(probe.to()).numbersOf(named).contains(probe.port());
        };
    }
}
