package io.terway.bench.policy;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.Policy;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import io.terway.policy.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Namespaces of 100 pods in 10 applications, with 10 policies each of the kinds people write: default deny, the same
 * namespace, application to application by port and by named port, another namespace, blocks with exceptions, DNS.
 */
record LargeCluster(int namespaces) {

    static final int PODS_PER_NAMESPACE = 100;
    static final int POLICIES_PER_NAMESPACE = 10;
    private static final int PODS_PER_NODE = 100;
    private static final int APPS = 10;
    private static final int FIRST_POD = 10 << 24 | 64 << 16;
    private static final int FIRST_NODE = 10 << 24 | 32 << 16;

    Map<String, String> labels(int namespace) {
        return Map.of("team", "t" + namespace % 50);
    }

    List<PolicyNode> nodes() {
        List<PolicyNode> out = new ArrayList<>();
        for (int i = 0; i < namespaces * PODS_PER_NAMESPACE / PODS_PER_NODE; i++) {
            out.add(new PolicyNode(node(i), Map.of(), List.of(Ip.ofIpv4(FIRST_NODE + i))));
        }
        return out;
    }

    List<PolicyPod> pods() {
        List<PolicyPod> out = new ArrayList<>();
        for (int i = 0; i < namespaces * PODS_PER_NAMESPACE; i++) {
            out.add(pod(i, i % APPS, FIRST_POD + i));
        }
        return out;
    }

    /** Pod number {@code i} with this application and address. */
    PolicyPod pod(int i, int app, int address) {
        int nodes = Math.max(1, namespaces * PODS_PER_NAMESPACE / PODS_PER_NODE);
        return new PolicyPod(
                new PodRef(namespace(i / PODS_PER_NAMESPACE), "p" + i),
                "uid-" + i,
                Map.of("app", "a" + app, "pod-template-hash", "h" + app, "track", "stable"),
                // Pods of one namespace are spread, as schedulers do.
                Optional.of(node(i % nodes)),
                List.of(Ip.ofIpv4(address)),
                false,
                false,
                List.of(new PolicyPod.NamedPort("http", Protocol.TCP, 8_000 + app)),
                List.of());
    }

    List<Policy> policies() {
        List<Policy> out = new ArrayList<>();
        for (int i = 0; i < namespaces * POLICIES_PER_NAMESPACE; i++) {
            out.add(policy(i, 5_432));
        }
        return out;
    }

    /** Policy number {@code i}; the port is what a change changes. */
    NetworkPolicy policy(int i, int port) {
        String namespace = namespace(i / POLICIES_PER_NAMESPACE);
        int kind = i % POLICIES_PER_NAMESPACE;
        var own = new NamespaceMatch.Named(namespace);
        var tcp = List.<PortMatch>of(new PortMatch.Range(Protocol.TCP, port, port));
        var other = new NamespaceMatch.Labelled(new Selector(
                Map.of(NamespaceMatch.NAME_LABEL, namespace((i / POLICIES_PER_NAMESPACE + 1) % namespaces)),
                List.of()));
        return switch (kind) {
            case 0 -> ingress(i, own, Selector.ALL, List.of());
            case 1 ->
                ingress(i, own, Selector.ALL, rule(new Peer.Pods(own, Selector.ALL), List.of(new PortMatch.Any())));
            case 2 -> ingress(i, own, app(1), rule(new Peer.Pods(other, app(0)), tcp));
            case 3 ->
                ingress(
                        i,
                        own,
                        app(2),
                        rule(
                                new Peer.Block(Cidr.parse("10.0.0.0/8"), List.of(Cidr.parse("10.1.0.0/16"))),
                                List.of(new PortMatch.Named(Protocol.TCP, "http"))));
            case 4 ->
                egress(
                        i,
                        own,
                        app(3),
                        rule(new Peer.Pods(own, app(4)), List.of(new PortMatch.Named(Protocol.TCP, "http"))));
            case 5 ->
                egress(
                        i,
                        own,
                        app(5),
                        rule(
                                new Peer.Pods(new NamespaceMatch.Labelled(Selector.ALL), app(9)),
                                List.of(new PortMatch.Range(Protocol.UDP, 53, 53))));
            case 6 ->
                ingress(
                        i,
                        own,
                        app(6),
                        rule(
                                new Peer.Pods(
                                        new NamespaceMatch.Labelled(
                                                new Selector(Map.of("team", "t" + i % 50), List.of())),
                                        app(7)),
                                tcp));
            default -> ingress(i, own, app(kind), rule(new Peer.Pods(own, app(kind - 1)), tcp));
        };
    }

    static String namespace(int number) {
        return "ns-" + number;
    }

    static NodeName node(int number) {
        return new NodeName("node-" + number);
    }

    private static Selector app(int number) {
        return new Selector(Map.of("app", "a" + number), List.of());
    }

    private static List<PolicyRule> rule(Peer peer, List<PortMatch> ports) {
        return List.of(new PolicyRule(0, List.of(peer), ports, List.of()));
    }

    private static NetworkPolicy ingress(int i, NamespaceMatch.Named own, Selector subject, List<PolicyRule> rules) {
        return new NetworkPolicy(
                PolicyId.networkPolicy(own.namespace(), "np-" + i),
                new Peer.Pods(own, subject),
                Optional.of(rules),
                Optional.empty(),
                false);
    }

    private static NetworkPolicy egress(int i, NamespaceMatch.Named own, Selector subject, List<PolicyRule> rules) {
        return new NetworkPolicy(
                PolicyId.networkPolicy(own.namespace(), "np-" + i),
                new Peer.Pods(own, subject),
                Optional.empty(),
                Optional.of(rules),
                false);
    }
}
