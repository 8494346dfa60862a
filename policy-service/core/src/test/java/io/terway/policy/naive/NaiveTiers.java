package io.terway.policy.naive;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.policy.Direction;
import io.terway.policy.Probe;
import io.terway.policy.read.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** ClusterNetworkPolicy, read off the page. */
final class NaiveTiers {

    private final NaiveCluster cluster;

    NaiveTiers(NaiveCluster cluster, NaiveRules rules) {
        this.cluster = cluster;
    }

    /** True when some tier speaks of this direction of the pod. */
    boolean bind(Direction direction, Field pod) {
        return cluster.all("ClusterNetworkPolicy").stream()
                .anyMatch(policy -> pods(policy.get("spec").get("subject"), pod)
                        && !policy.get("spec").get(section(direction)).list().isEmpty());
    }

    /** What a tier decides; null when it decides nothing. */
    NaiveJudge.Side judge(String tier, Direction direction, Probe probe, Field pod, Ip other) {
        Comparator<Field> order = Comparator.<Field>comparingInt(
                        policy -> policy.get("spec").get("priority").number())
                .thenComparing(
                        NaiveCluster::name,
                        cluster.is(Wrong.EQUAL_PRIORITY_GOES_BACKWARDS)
                                ? Comparator.reverseOrder()
                                : Comparator.naturalOrder());
        List<Field> policies = new ArrayList<>(cluster.all("ClusterNetworkPolicy"));
        policies.removeIf(policy -> !policy.get("spec").get("tier").text().equals(tier)
                || !pods(policy.get("spec").get("subject"), pod, cluster.is(Wrong.TIER_SUBJECT_IS_THE_NAMESPACE)));
        policies.sort(cluster.is(Wrong.HIGH_PRIORITY_GOES_FIRST) ? order.reversed() : order);
        List<String> actions = new ArrayList<>();
        for (Field policy : policies) {
            for (Field rule : policy.get("spec").get(section(direction)).list()) {
                String action = action(rule, direction, probe, other);
                if (!action.isEmpty()) {
                    actions.add(action);
                }
            }
        }
        if (cluster.is(Wrong.DENY_WINS_IN_A_TIER) && actions.contains("Deny")) {
            return decided(false);
        }
        for (String action : actions) {
            switch (action) {
                case "Accept" -> {
                    return decided(true);
                }
                case "Deny" -> {
                    return decided(false);
                }
                default -> {
                    if (tier.equals("Baseline") && cluster.is(Wrong.BASELINE_PASS_DENIES)) {
                        return decided(false);
                    }
                    if (cluster.is(Wrong.PASS_ACCEPTS)) {
                        return decided(true);
                    }
                    if (!cluster.is(Wrong.PASS_GOES_TO_THE_NEXT_RULE)) {
                        return null;
                    }
                }
            }
        }
        return null;
    }

    private static NaiveJudge.Side decided(boolean allowed) {
        return NaiveJudge.Side.of(allowed, "rule");
    }

    private static String section(Direction direction) {
        return direction == Direction.INGRESS ? "ingress" : "egress";
    }

    /** The rule's action if it matches, else empty. */
    private String action(Field rule, Direction direction, Probe probe, Ip other) {
        Field peers = rule.get(direction == Direction.INGRESS ? "from" : "to");
        String action = rule.get("action").text();
        boolean unreadable =
                peers.list().stream().anyMatch(peer -> peer.get("domainNames").present());
        if (unreadable) {
            if (action.equals("Accept")) {
                return cluster.is(Wrong.UNREADABLE_ACCEPT_ACCEPTS) ? "Accept" : "";
            }
            return cluster.is(Wrong.UNREADABLE_DENY_IS_IGNORED) ? "" : "Deny";
        }
        boolean matches = peers.list().stream().anyMatch(peer -> peer(peer, other))
                && protocols(rule.get("protocols").list(), probe);
        return matches ? action : "";
    }

    private boolean peer(Field peer, Ip other) {
        for (Field network : peer.get("networks").list()) {
            if (Cidr.parseMasking(network.text()).contains(other)) {
                return true;
            }
        }
        if (peer.get("networks").present()) {
            return false;
        }
        Field pod = cluster.peerAt(other);
        if (peer.get("nodes").present()) {
            Field node = pod == null ? cluster.nodeAt(other) : null;
            if (pod != null && cluster.is(Wrong.NODES_PEER_MEANS_THEIR_PODS)) {
                node = cluster.all("Node").stream()
                        .filter(each -> NaiveCluster.name(each).equals(NaiveCluster.nodeOf(pod)))
                        .findFirst()
                        .orElse(null);
            }
            return node != null && cluster.matches(peer.get("nodes"), NaiveCluster.labels(node));
        }
        return pod != null && pods(peer, pod);
    }

    private boolean pods(Field selectors, Field pod) {
        return pods(selectors, pod, false);
    }

    private boolean pods(Field selectors, Field pod, boolean namespacesOnly) {
        Map<String, Object> namespace = cluster.namespaceLabels(NaiveCluster.namespace(pod));
        Field both = selectors.get("pods");
        return both.present()
                ? cluster.matches(both.get("namespaceSelector"), namespace)
                        && (namespacesOnly || cluster.matches(both.get("podSelector"), NaiveCluster.labels(pod)))
                : cluster.matches(selectors.get("namespaces"), namespace);
    }

    private boolean protocols(List<Field> protocols, Probe probe) {
        if (protocols.isEmpty()) {
            return !cluster.is(Wrong.TIER_RULE_WITHOUT_PROTOCOLS_IS_TCP)
                    || probe.protocol().name().equals("TCP");
        }
        for (Field protocol : protocols) {
            String name = protocol.get("destinationNamedPort").text();
            if (!name.isEmpty()
                    && cluster.numbers(
                                    cluster.podAt(
                                            cluster.is(Wrong.TIER_NAMED_PORT_IS_THE_SOURCES)
                                                    ? probe.from()
                                                    : probe.to()),
                                    name,
                                    probe.protocol().name())
                            .contains(probe.port())) {
                return true;
            }
            Field of = protocol.get(probe.protocol().name().toLowerCase(Locale.ROOT));
            if (of.present()) {
                Field port = of.get("destinationPort");
                Field range = port.get("range");
                int first = range.present()
                        ? range.get("start").number()
                        : port.get("number").number();
                int end = range.present() ? range.get("end").number() : first;
                int last = range.present() && cluster.is(Wrong.TIER_RANGE_EXCLUDES_ITS_END) ? end - 1 : end;
                if (first <= probe.port() && probe.port() <= last) {
                    return true;
                }
            }
        }
        return false;
    }
}
