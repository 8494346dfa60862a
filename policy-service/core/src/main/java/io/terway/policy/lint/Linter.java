package io.terway.policy.lint;

import io.terway.policy.ClusterPolicy;
import io.terway.policy.Direction;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.Policy;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyPod;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import io.terway.policy.Selector;
import io.terway.policy.read.ReadPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Looks at all policies of a cluster, or of a file without pods: then what depends on pods is left out. */
public final class Linter {

    private static final int DNS = 53;

    private final PolicyCluster cluster;
    private final Set<Finding> findings = new LinkedHashSet<>();

    private Linter(PolicyCluster cluster) {
        this.cluster = cluster;
    }

    /** What is odd, by policy. */
    public static List<Finding> lint(PolicyCluster cluster, List<ReadPolicy> policies) {
        var linter = new Linter(cluster);
        for (ReadPolicy read : policies) {
            read.faults().forEach(fault -> linter.add(read, fault));
            read.policy().ifPresent(linter::policy);
        }
        return linter.findings.stream()
                .sorted(Comparator.comparing(Finding::policy).thenComparing(Finding::kind))
                .toList();
    }

    /** A rule as its path in the manifest. */
    private static String at(Direction direction, int index) {
        return direction.name().toLowerCase(Locale.ROOT) + "[" + index + "]";
    }

    private void add(ReadPolicy read, String fault) {
        findings.add(new Finding(read.id(), Finding.Kind.UNREADABLE, "", "it cannot be read as written: " + fault));
    }

    private void add(Policy policy, Finding.Kind kind, String where, String text) {
        findings.add(new Finding(policy.id(), kind, where, text));
    }

    private void policy(Policy policy) {
        if (!cluster.pods().isEmpty()
                && cluster.pods().stream().noneMatch(pod -> cluster.means(policy.subject(), pod))) {
            add(
                    policy,
                    Finding.Kind.SELECTS_NOTHING,
                    "",
                    "it selects no pod (" + text(policy.subject())
                            + "), so it does nothing; look at labels and namespace");
        }
        nameLabel(policy, "subject", policy.subject());
        for (Direction direction : Direction.values()) {
            List<Rule> rules = rules(policy, direction);
            for (int i = 0; i < rules.size(); i++) {
                String where = at(direction, rules.get(i).index());
                peers(policy, where, rules.get(i).peers());
                shadowed(policy, direction, rules, i);
            }
        }
        if (policy instanceof NetworkPolicy network && network.egress().isPresent()) {
            dns(network);
        }
    }

    /** A rule of any kind, as far as it matters here. */
    private record Rule(int index, List<Peer> peers, List<PortMatch> ports, boolean everyRequest) {}

    private static List<Rule> rules(Policy policy, Direction direction) {
        return switch (policy) {
            case NetworkPolicy network ->
                network.rules(direction).orElse(List.of()).stream()
                        .map(rule -> new Rule(
                                rule.index(),
                                rule.peers(),
                                rule.ports(),
                                rule.http().isEmpty()))
                        .toList();
            case ClusterPolicy tier ->
                tier.rules(direction).stream()
                        .map(rule -> new Rule(rule.index(), rule.peers(), rule.ports(), true))
                        .toList();
        };
    }

    private void peers(Policy policy, String where, List<Peer> peers) {
        for (Peer peer : peers) {
            if (peer instanceof Peer.Pods pods) {
                nameLabel(policy, where, pods);
                if (!cluster.pods().isEmpty() && cluster.pods().stream().noneMatch(pod -> cluster.means(pods, pod))) {
                    add(
                            policy,
                            Finding.Kind.PEER_SELECTS_NOTHING,
                            where,
                            "it names a peer that no pod is (" + text(pods) + "); look at labels and namespace");
                }
            }
        }
    }

    private static String text(Peer.Pods pods) {
        String selected = pods.pods().equals(Selector.ALL) ? "any pod" : "pods " + pods.pods();
        return selected + " in "
                + switch (pods.namespaces()) {
                    case NamespaceMatch.Named named -> "namespace " + named.namespace();
                    case NamespaceMatch.Labelled labelled ->
                        labelled.selector().equals(Selector.ALL)
                                ? "any namespace"
                                : "namespaces " + labelled.selector();
                };
    }

    /** In a tier the first match decides, elsewhere rules add up: there, of two equal ones the later is useless. */
    private void shadowed(Policy policy, Direction direction, List<Rule> rules, int which) {
        Rule rule = rules.get(which);
        boolean ordered = policy instanceof ClusterPolicy;
        for (int i = 0; i < rules.size(); i++) {
            Rule other = rules.get(i);
            boolean covers = covers(other, rule) && (i < which || !ordered && !covers(rule, other));
            if (i != which
                    && covers
                    && other.index() != rule.index()
                    && !rule.peers().isEmpty()) {
                add(
                        policy,
                        Finding.Kind.SHADOWED_RULE,
                        at(direction, rule.index()),
                        ordered
                                ? at(direction, other.index()) + " comes first and decides about everything it matches"
                                : at(direction, other.index()) + " allows everything it allows; leave one of them out");
                return;
            }
        }
    }

    private static boolean covers(Rule wide, Rule narrow) {
        return (wide.everyRequest() || !narrow.everyRequest() && wide.ports().equals(narrow.ports()))
                && Covers.peers(wide.peers(), narrow.peers())
                && Covers.ports(wide.ports(), narrow.ports())
                && (wide.everyRequest() || wide.equals(narrow));
    }

    private void nameLabel(Policy policy, String where, Peer.Pods pods) {
        if (!(pods.namespaces() instanceof NamespaceMatch.Labelled labelled)) {
            return;
        }
        Selector selector = labelled.selector();
        boolean asks = selector.pairs().containsKey("name")
                || selector.requirements().stream()
                        .anyMatch(requirement -> requirement.key().equals("name"));
        boolean given = cluster.namespaces().values().stream().anyMatch(labels -> labels.containsKey("name"));
        if (asks && !given) {
            add(
                    policy,
                    Finding.Kind.NAMESPACE_LABEL_NAME,
                    where,
                    "it asks namespaces for the label 'name', which Kubernetes does not set; ask for "
                            + NamespaceMatch.NAME_LABEL);
        }
    }

    /** Whoever is isolated on egress needs names, over UDP and, for large answers, TCP. */
    private void dns(NetworkPolicy policy) {
        if (cluster.pods().isEmpty()) {
            List<NetworkPolicy> beside = networkPolicies()
                    .filter(other -> Covers.pods(other.subject(), policy.subject()))
                    .toList();
            dns(policy, beside);
            return;
        }
        for (PolicyPod pod : cluster.pods()) {
            if (cluster.means(policy.subject(), pod)) {
                dns(
                        policy,
                        networkPolicies()
                                .filter(other -> cluster.means(other.subject(), pod))
                                .toList());
            }
        }
    }

    private Stream<NetworkPolicy> networkPolicies() {
        return cluster.policies().stream()
                .filter(NetworkPolicy.class::isInstance)
                .map(NetworkPolicy.class::cast);
    }

    private void dns(NetworkPolicy policy, List<NetworkPolicy> together) {
        boolean udp = allows(together, Protocol.UDP);
        boolean tcp = allows(together, Protocol.TCP);
        if (!udp && !tcp) {
            add(
                    policy,
                    Finding.Kind.DNS_FORGOTTEN,
                    "egress",
                    "its pods cannot resolve names: no policy opens port 53 to them; open UDP and TCP to the cluster's DNS");
        } else if (udp && !tcp && allows(List.of(policy), Protocol.UDP)) {
            add(
                    policy,
                    Finding.Kind.DNS_UDP_ONLY,
                    "egress",
                    "DNS is open over UDP only, and large answers come over TCP: open TCP port 53 too");
        }
    }

    private static boolean allows(List<NetworkPolicy> policies, Protocol protocol) {
        List<PolicyRule> rules = new ArrayList<>();
        policies.forEach(policy -> rules.addAll(policy.egress().orElse(List.of())));
        return rules.stream()
                .filter(rule -> !rule.peers().isEmpty())
                .flatMap(rule -> rule.ports().stream())
                .anyMatch(port -> switch (port) {
                    case PortMatch.Any _ -> true;
                    case PortMatch.Every every -> every.protocol() == protocol;
                    case PortMatch.Range range -> range.contains(protocol, DNS);
                    case PortMatch.Named named ->
                        named.protocol() == protocol && named.name().startsWith("dns");
                });
    }
}
