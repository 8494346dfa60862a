package io.terway.policy;

import static io.terway.policy.Objects.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Random policies of all kinds, as manifests; some parts of them are such that no API server would take them. */
public final class GeneratedPolicies {

    private static final List<String> NAMESPACES = List.of("a", "b", "c");
    private static final List<String> KEYS = List.of("app", "tier");
    private static final List<String> VALUES = List.of("web", "db", "");
    private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP");

    private final Random random;

    public GeneratedPolicies(Random random) {
        this.random = random;
    }

    public Map<String, Object> any(int number) {
        return switch (random.nextInt(7)) {
            case 0, 1, 2 -> networkPolicy(number);
            case 3, 4 -> cilium(number);
            default -> cluster(number);
        };
    }

    Map<String, Object> networkPolicy(int number) {
        List<Object> types = random.nextInt(3) > 0
                ? null
                : pick(List.<List<Object>>of(List.of("Ingress"), List.of("Egress"), List.of("Ingress", "Egress")));
        return map(
                "kind", "NetworkPolicy",
                "metadata", map("namespace", pick(NAMESPACES), "name", "np" + number),
                "spec",
                        map(
                                "podSelector", selector(),
                                "policyTypes", types,
                                "ingress", maybe(() -> list(3, () -> rule("from"))),
                                "egress", maybe(() -> list(3, () -> rule("to")))));
    }

    private Map<String, Object> rule(String peers) {
        return map(peers, maybe(() -> list(3, this::peer)), "ports", maybe(() -> list(3, this::port)));
    }

    private Map<String, Object> peer() {
        return switch (random.nextInt(7)) {
            case 0 -> map("ipBlock", map("cidr", "10.0.0.0/16", "except", List.of("10.0.1.4/30", "10.0.1.6/32")));
            case 1 ->
                random.nextBoolean()
                        ? map("ipBlock", map("cidr", "0.0.0.0/0", "except", List.of("10.0.1.0/30")))
                        : map("ipBlock", map("cidr", "fd00::/16", "except", List.of("fd00::1:2/127")));
            case 2, 3 -> map("podSelector", selector());
            case 4 -> map("namespaceSelector", selector());
            case 5 -> map("namespaceSelector", selector(), "podSelector", selector());
            default ->
                random.nextInt(4) == 0
                        ? map("ipBlock", map("cidr", "10.0.0.0/33"))
                        : map(
                                "namespaceSelector",
                                map("matchLabels", map(NamespaceMatch.NAME_LABEL, pick(NAMESPACES))));
        };
    }

    private Map<String, Object> port() {
        int first = number();
        return switch (random.nextInt(6)) {
            case 0 -> map("protocol", pick(PROTOCOLS));
            case 1 -> map();
            case 2 -> map("protocol", pick(PROTOCOLS), "port", first, "endPort", Math.max(first, number()));
            case 3, 4 -> map("protocol", pick(PROTOCOLS), "port", random.nextBoolean() ? "http" : "dns");
            default -> map("protocol", random.nextBoolean() ? null : pick(PROTOCOLS), "port", first);
        };
    }

    Map<String, Object> cluster(int number) {
        return map(
                "kind", "ClusterNetworkPolicy",
                "metadata", map("name", "cnp" + number),
                "spec",
                        map(
                                "tier", random.nextBoolean() ? "Admin" : "Baseline",
                                "priority", number,
                                "subject", tierPods(),
                                "ingress", maybe(() -> list(3, () -> tierRule("from"))),
                                "egress", maybe(() -> list(3, () -> tierRule("to")))));
    }

    private Map<String, Object> tierRule(String peers) {
        boolean named = random.nextInt(4) == 0;
        List<Object> to = new ArrayList<>();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            to.add(peers.equals("to") && !named ? egressPeer() : tierPods());
        }
        return map(
                "action",
                pick(List.of("Accept", "Deny", "Pass")),
                peers,
                to,
                "protocols",
                named
                        ? List.of(map("destinationNamedPort", random.nextBoolean() ? "http" : "dns"))
                        : maybe(() -> List.of(protocol())));
    }

    private Map<String, Object> protocol() {
        String protocol = pick(List.of("tcp", "udp", "sctp"));
        int first = number();
        return map(
                protocol,
                map(
                        "destinationPort",
                        random.nextBoolean()
                                ? map("number", first)
                                : map("range", map("start", first, "end", first + 30))));
    }

    private Map<String, Object> egressPeer() {
        return switch (random.nextInt(6)) {
            case 0 -> map("networks", List.of("10.0.1.0/29", "fd00::/64"));
            case 1 -> map("networks", List.of("0.0.0.0/0"));
            case 2 -> map("nodes", selector());
            case 3 -> random.nextInt(5) == 0 ? map("domainNames", List.of("a.example")) : tierPods();
            default -> tierPods();
        };
    }

    private Map<String, Object> tierPods() {
        return random.nextBoolean()
                ? map("namespaces", selector())
                : map("pods", map("namespaceSelector", selector(), "podSelector", selector()));
    }

    Map<String, Object> cilium(int number) {
        return map(
                "kind", "CiliumNetworkPolicy",
                "metadata", map("namespace", pick(NAMESPACES), "name", "cil" + number),
                "spec",
                        map(
                                "endpointSelector", selector(),
                                "ingress", maybe(() -> list(3, () -> ciliumRule("from"))),
                                "egress", maybe(() -> list(3, () -> ciliumRule("to")))));
    }

    private Map<String, Object> ciliumRule(String prefix) {
        Map<String, Object> rule = switch (random.nextInt(6)) {
            case 0 -> map();
            case 1, 2 -> map(prefix + "Endpoints", list(3, this::endpoints));
            case 3 ->
                map(
                        prefix + "Entities",
                        List.of(pick(List.of("all", "world", "world-ipv4", "cluster", "host", "remote-node", "none"))));
            case 4 -> map(prefix + "CIDR", List.of("10.0.1.0/29"));
            default -> map(prefix + "CIDRSet", List.of(map("cidr", "10.0.0.0/16", "except", List.of("10.0.1.4/30"))));
        };
        if (random.nextBoolean()) {
            rule.put("toPorts", random.nextBoolean() ? List.of(toPorts()) : list(3, this::toPorts));
        }
        return rule;
    }

    private Map<String, Object> endpoints() {
        Map<String, Object> selector = selector();
        if (random.nextInt(3) == 0) {
            selector.put(
                    "matchLabels",
                    random.nextBoolean()
                            ? map("k8s:io.kubernetes.pod.namespace", pick(NAMESPACES))
                            : map("io.cilium.k8s.namespace.labels.app", pick(VALUES), "k8s:tier", pick(VALUES)));
        }
        return selector;
    }

    private Map<String, Object> toPorts() {
        boolean http = random.nextBoolean();
        String port = pick(List.of("80", "8080", "http", "0", "53"));
        return map(
                "ports",
                List.of(map("port", port, "protocol", http ? "TCP" : pick(List.of("TCP", "UDP", "ANY")))),
                "rules",
                http ? map("http", List.of(map("method", "GET", "path", "/api/.*"))) : null);
    }

    private Map<String, Object> selector() {
        String key = pick(KEYS);
        String value = pick(VALUES);
        return switch (random.nextInt(7)) {
            case 0, 1 -> map();
            case 2 -> map("matchLabels", map(key, value));
            case 3 -> expression(key, "In", value.equals("web") ? List.of("web") : List.of(value, "web"));
            case 4 -> expression(key, "NotIn", List.of(value));
            case 5 -> expression(key, "Exists", null);
            default -> expression(key, "DoesNotExist", null);
        };
    }

    private static Map<String, Object> expression(String key, String operator, List<?> values) {
        return map("matchExpressions", List.of(map("key", key, "operator", operator, "values", values)));
    }

    private int number() {
        return Generated.PORTS[random.nextInt(Generated.PORTS.length)];
    }

    private List<Object> list(int below, Supplier<Object> element) {
        List<Object> out = new ArrayList<>();
        for (int i = random.nextInt(below); i > 0; i--) {
            out.add(element.get());
        }
        return out;
    }

    private <T> T maybe(Supplier<T> value) {
        return random.nextInt(3) == 0 ? null : value.get();
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
