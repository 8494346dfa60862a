package io.terway.policy;

import io.terway.net.Cidr;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Turns a cluster into the programs of its nodes. Peers become address blocks, named ports numbers; policies and pods
 * are indexed by namespace once, and a selector of peers is resolved once per compiler whatever the number of subjects.
 *
 * <p>Not thread-safe; make one for each snapshot.
 */
public final class PolicyCompiler {

    private final PolicyCluster cluster;
    private final Map<String, List<NetworkPolicy>> policiesByNamespace = new HashMap<>();
    private final Map<String, List<PolicyPod>> podsByNamespace = new HashMap<>();
    private final Map<NodeName, List<PolicyPod>> podsByNode = new HashMap<>();
    private final Map<PeerKey, List<PolicyPod>> resolved = new HashMap<>();
    private final Map<Program, Program> shared = new HashMap<>();
    private final SortedSet<String> isolatedNamespaces;

    private record PeerKey(Peer.Pods peer, String namespace) {}

    public PolicyCompiler(PolicyCluster cluster) {
        this.cluster = cluster;
        for (NetworkPolicy policy : cluster.policies().stream()
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList()) {
            policiesByNamespace
                    .computeIfAbsent(policy.id().namespace(), _ -> new ArrayList<>())
                    .add(policy);
        }
        for (PolicyPod pod : cluster.pods()) {
            if (pod.selectable()) {
                podsByNamespace
                        .computeIfAbsent(pod.ref().namespace(), _ -> new ArrayList<>())
                        .add(pod);
                pod.node()
                        .ifPresent(node -> podsByNode
                                .computeIfAbsent(node, _ -> new ArrayList<>())
                                .add(pod));
            }
        }
        isolatedNamespaces = Collections.unmodifiableSortedSet(new TreeSet<>(policiesByNamespace.keySet()));
    }

    /** The programs of one node's pods. Pods with the same rules share one {@link Program} object. */
    public NodePrograms compile(NodeName node) {
        Map<String, NodePrograms.Bound> bound = new LinkedHashMap<>();
        for (PolicyPod pod : podsByNode.getOrDefault(node, List.of())) {
            bound.put(
                    pod.uid(),
                    new NodePrograms.Bound(
                            pod.ref(),
                            pod.uid(),
                            pod.ips(),
                            program(Direction.INGRESS, pod),
                            program(Direction.EGRESS, pod)));
        }
        return new NodePrograms(Collections.unmodifiableMap(bound), isolatedNamespaces);
    }

    private Optional<Program> program(Direction direction, PolicyPod pod) {
        List<PolicyId> policies = new ArrayList<>();
        List<Program.Rule> rules = new ArrayList<>();
        for (NetworkPolicy policy : policiesByNamespace.getOrDefault(pod.ref().namespace(), List.of())) {
            if (policy.rules(direction).isEmpty() || !policy.subject().matches(pod.labels())) {
                continue;
            }
            policies.add(policy.id());
            List<PolicyRule> source = policy.rules(direction).get();
            for (int i = 0; i < source.size(); i++) {
                var id = new Verdict.RuleId(policy.id(), i);
                rules.addAll(
                        switch (direction) {
                            case INGRESS -> ingress(id, source.get(i), pod);
                            case EGRESS -> egress(id, source.get(i));
                        });
            }
        }
        if (policies.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(shared.computeIfAbsent(new Program(direction, policies, rules), program -> program));
    }

    /** On ingress a named port is the subject's own, so it becomes numbers at once. */
    private List<Program.Rule> ingress(Verdict.RuleId id, PolicyRule rule, PolicyPod subject) {
        List<PortMatch.Range> ports = rule.ports().stream()
                .flatMap(port -> numbers(port, subject).stream())
                .distinct()
                .toList();
        if (!rule.ports().isEmpty() && ports.isEmpty()) {
            return List.of(); // only names that the subject does not have: matches nothing
        }
        boolean anyPort = rule.ports().isEmpty();
        if (rule.peers().isEmpty()) {
            return List.of(new Program.Rule(id, List.of(), true, ports, anyPort));
        }
        List<Cidr> peers = blocks(id, rule.peers());
        return peers.isEmpty() ? List.of() : List.of(new Program.Rule(id, peers, false, ports, anyPort));
    }

    /** On egress a named port is the destination's: those ports become one rule per number, for the pods that have it. */
    private List<Program.Rule> egress(Verdict.RuleId id, PolicyRule rule) {
        List<Program.Rule> out = new ArrayList<>();
        List<PortMatch.Range> fixed = rule.ports().stream()
                .map(PolicyCompiler::fixedRange)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
        List<Cidr> peers = rule.peers().isEmpty() ? List.of() : blocks(id, rule.peers());
        if ((rule.ports().isEmpty() || !fixed.isEmpty()) && (rule.peers().isEmpty() || !peers.isEmpty())) {
            boolean anyPeer = rule.peers().isEmpty();
            out.add(new Program.Rule(id, peers, anyPeer, fixed, rule.ports().isEmpty()));
        }
        Map<PortMatch.Range, List<Cidr>> destinations = new LinkedHashMap<>();
        for (PortMatch port : rule.ports()) {
            if (port instanceof PortMatch.Named named) {
                destinationsOf(id, rule, named)
                        .forEach(pod -> pod.numbersOf(named)
                                .forEach(number -> destinations
                                        .computeIfAbsent(
                                                new PortMatch.Range(named.protocol(), number, number),
                                                _ -> new ArrayList<>())
                                        .addAll(reachable(id, rule, pod))));
            }
        }
        destinations.forEach((port, blocks) -> {
            List<Cidr> union = Blocks.union(blocks);
            if (!union.isEmpty()) {
                out.add(new Program.Rule(id, union, false, List.of(port), false));
            }
        });
        return out;
    }

    /** Pods a rule with a named port may reach: all for a rule without peers, else those a peer means in any way. */
    private Stream<PolicyPod> destinationsOf(Verdict.RuleId id, PolicyRule rule, PortMatch.Named named) {
        return podsByNamespace.values().stream()
                .flatMap(Collection::stream)
                .filter(pod -> !pod.numbersOf(named).isEmpty())
                .filter(pod -> !reachable(id, rule, pod).isEmpty());
    }

    private List<Cidr> reachable(Verdict.RuleId id, PolicyRule rule, PolicyPod pod) {
        List<Cidr> own = Blocks.singles(pod.ips());
        if (rule.peers().isEmpty()) {
            return own;
        }
        return own.stream()
                .filter(address -> rule.peers().stream().anyMatch(peer -> switch (peer) {
                    case Peer.Pods pods -> cluster.means(pods, id.policy().namespace(), pod);
                    case Peer.Block block ->
                        block.cidr().contains(address)
                                && block.except().stream().noneMatch(hole -> hole.contains(address));
                }))
                .toList();
    }

    private List<Cidr> blocks(Verdict.RuleId id, List<Peer> peers) {
        List<Cidr> out = new ArrayList<>();
        for (Peer peer : peers) {
            switch (peer) {
                case Peer.Block block -> out.addAll(Blocks.without(block.cidr(), block.except()));
                case Peer.Pods pods ->
                    resolve(pods, id.policy().namespace()).forEach(pod -> out.addAll(Blocks.singles(pod.ips())));
            }
        }
        return Blocks.union(out);
    }

    private List<PolicyPod> resolve(Peer.Pods peer, String namespace) {
        return resolved.computeIfAbsent(new PeerKey(peer, namespace), key -> {
            Stream<String> candidates = peer.namespaces().isPresent()
                    ? podsByNamespace.keySet().stream()
                            .filter(name -> peer.namespaces().get().matches(cluster.namespaceLabels(name)))
                    : Stream.of(namespace);
            return candidates
                    .map(podsByNamespace::get)
                    .filter(Objects::nonNull)
                    .flatMap(Collection::stream)
                    .filter(pod -> peer.pods().matches(pod.labels()))
                    .toList();
        });
    }

    private static List<PortMatch.Range> numbers(PortMatch port, PolicyPod subject) {
        return switch (port) {
            case PortMatch.Named named ->
                subject.numbersOf(named).stream()
                        .map(number -> new PortMatch.Range(named.protocol(), number, number))
                        .toList();
            case PortMatch.Every _, PortMatch.Range _ ->
                fixedRange(port).stream().toList();
        };
    }

    private static Optional<PortMatch.Range> fixedRange(PortMatch port) {
        return switch (port) {
            case PortMatch.Every every -> Optional.of(new PortMatch.Range(every.protocol(), 1, 65_535));
            case PortMatch.Range range -> Optional.of(range);
            case PortMatch.Named _ -> Optional.empty();
        };
    }
}
