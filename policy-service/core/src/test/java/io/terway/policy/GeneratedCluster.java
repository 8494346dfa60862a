package io.terway.policy;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Small random clusters, dense enough that selectors meet pods and blocks meet addresses. */
final class GeneratedCluster {

    private static final List<String> NAMESPACES = List.of("a", "b", "c");
    private static final List<String> KEYS = List.of("app", "tier");
    private static final List<String> VALUES = List.of("web", "db", "");
    private static final List<String> PORT_NAMES = List.of("http", "dns");
    private static final int[] PORTS = {53, 80, 81, 443, 8080};

    private GeneratedCluster() {}

    static PolicyCluster of(Random random) {
        Map<String, Map<String, String>> namespaces = new HashMap<>();
        NAMESPACES.forEach(name -> namespaces.put(name, labels(random)));
        Map<NodeName, List<Ip>> nodes = new HashMap<>();
        for (int i = 1; i <= 2; i++) {
            nodes.put(new NodeName("n" + i), List.of(Ip.parse("10.0.0." + i), Ip.parse("fd00::" + i)));
        }
        List<PolicyPod> pods = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            pods.add(pod(random, i));
        }
        List<NetworkPolicy> policies = new ArrayList<>();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            policies.add(policy(random, i));
        }
        return new PolicyCluster(namespaces, pods, policies, nodes);
    }

    static Probe probe(Random random) {
        boolean v6 = random.nextInt(4) == 0;
        return new Probe(
                address(random, v6),
                address(random, v6),
                Protocol.values()[random.nextInt(3)],
                PORTS[random.nextInt(PORTS.length)]);
    }

    private static Ip address(Random random, boolean v6) {
        int pick = random.nextInt(12);
        if (pick < 9) {
            return podIp(random.nextInt(8), v6);
        }
        return pick < 11
                ? Ip.parse((v6 ? "fd00::" : "10.0.0.") + (1 + random.nextInt(2)))
                : Ip.parse(v6 ? "2001:db8::1" : "8.8.8.8");
    }

    private static Ip podIp(int index, boolean v6) {
        return Ip.parse((v6 ? "fd00::1:" : "10.0.1.") + index);
    }

    private static PolicyPod pod(Random random, int index) {
        boolean hostNetwork = random.nextInt(10) == 0;
        String node = "n" + (1 + random.nextInt(2));
        List<PolicyPod.NamedPort> ports = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            ports.add(new PolicyPod.NamedPort(
                    PORT_NAMES.get(random.nextInt(2)),
                    random.nextBoolean() ? Protocol.TCP : Protocol.UDP,
                    PORTS[random.nextInt(PORTS.length)]));
        }
        List<Ip> ips = hostNetwork
                ? List.of(Ip.parse("10.0.0." + node.charAt(1)))
                : random.nextInt(4) == 0
                        ? List.of(podIp(index, false))
                        : List.of(podIp(index, false), podIp(index, true));
        return new PolicyPod(
                new PodRef(NAMESPACES.get(random.nextInt(3)), "p" + index),
                "uid-" + index,
                labels(random),
                Optional.of(new NodeName(node)),
                ips,
                hostNetwork,
                random.nextInt(10) == 0,
                ports);
    }

    private static Map<String, String> labels(Random random) {
        Map<String, String> labels = new HashMap<>();
        KEYS.forEach(key -> {
            if (random.nextInt(3) > 0) {
                labels.put(key, VALUES.get(random.nextInt(VALUES.size())));
            }
        });
        return labels;
    }

    private static NetworkPolicy policy(Random random, int index) {
        return new NetworkPolicy(
                new PolicyId(NAMESPACES.get(random.nextInt(3)), "np" + index),
                selector(random),
                random.nextInt(3) > 0 ? Optional.of(rules(random)) : Optional.empty(),
                random.nextInt(3) > 0 ? Optional.of(rules(random)) : Optional.empty());
    }

    private static List<PolicyRule> rules(Random random) {
        List<PolicyRule> rules = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            List<Peer> peers = new ArrayList<>();
            for (int p = random.nextInt(3); p > 0; p--) {
                peers.add(peer(random));
            }
            List<PortMatch> ports = new ArrayList<>();
            for (int p = random.nextInt(3); p > 0; p--) {
                ports.add(port(random));
            }
            rules.add(new PolicyRule(peers, ports));
        }
        return rules;
    }

    private static Peer peer(Random random) {
        return switch (random.nextInt(4)) {
            case 0 ->
                new Peer.Block(
                        Cidr.parse("10.0.0.0/16"), List.of(Cidr.parse("10.0.1.4/30"), Cidr.parse("10.0.1.6/32")));
            case 1 ->
                random.nextBoolean()
                        ? new Peer.Block(Cidr.parse("0.0.0.0/0"), List.of(Cidr.parse("10.0.1.0/30")))
                        : new Peer.Block(Cidr.parse("fd00::/16"), List.of(Cidr.parse("fd00::1:2/127")));
            case 2 -> new Peer.Pods(Optional.empty(), selector(random));
            default -> new Peer.Pods(Optional.of(selector(random)), selector(random));
        };
    }

    private static PortMatch port(Random random) {
        Protocol protocol = Protocol.values()[random.nextInt(3)];
        return switch (random.nextInt(3)) {
            case 0 -> new PortMatch.Every(protocol);
            case 1 -> {
                int first = PORTS[random.nextInt(PORTS.length)];
                yield new PortMatch.Range(protocol, first, random.nextBoolean() ? first : 8080);
            }
            default -> new PortMatch.Named(protocol, PORT_NAMES.get(random.nextInt(2)));
        };
    }

    private static Selector selector(Random random) {
        String key = KEYS.get(random.nextInt(2));
        String value = VALUES.get(random.nextInt(VALUES.size()));
        return switch (random.nextInt(7)) {
            case 0, 1 -> Selector.ALL;
            case 2 -> new Selector(Map.of(key, value), List.of());
            case 3 ->
                new Selector(
                        Map.of(),
                        List.of(new Selector.Requirement.In(
                                key, value.equals("web") ? Set.of("web") : Set.of(value, "web"))));
            case 4 -> new Selector(Map.of(), List.of(new Selector.Requirement.NotIn(key, Set.of(value))));
            case 5 -> new Selector(Map.of(), List.of(new Selector.Requirement.Exists(key)));
            default -> new Selector(Map.of(), List.of(new Selector.Requirement.DoesNotExist(key)));
        };
    }
}
