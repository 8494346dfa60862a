package io.terway.policy;

import static io.terway.policy.Objects.map;

import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small random clusters as manifests, dense enough that selectors meet pods and blocks meet addresses. */
public final class Generated {

    public static final int PODS = 9;
    private static final List<String> NAMESPACES = List.of("a", "b", "c");
    private static final List<String> KEYS = List.of("app", "tier");
    private static final List<String> VALUES = List.of("web", "db", "");
    private static final List<String> PHASES =
            List.of("Running", "Running", "Running", "Running", "Pending", "Unknown", "Succeeded", "Failed");
    static final int[] PORTS = {53, 80, 81, 443, 8080};

    private final Random random;

    public Generated(Random random) {
        this.random = random;
    }

    /** Namespaces, nodes, pods and policies. */
    public List<Map<String, Object>> objects() {
        List<Map<String, Object>> out = new ArrayList<>();
        NAMESPACES.forEach(name -> {
            if (chance(6)) {
                return; // a namespace may be unknown yet
            }
            out.add(namespace(name));
        });
        out.add(node(1));
        out.add(node(2));
        for (int i = 0; i < PODS; i++) {
            out.add(pod(i));
        }
        GeneratedPolicies policies = new GeneratedPolicies(random);
        for (int i = random.nextInt(9); i > 0; i--) {
            out.add(policies.any(i));
        }
        return out;
    }

    public Map<String, Object> namespace(String name) {
        return map("kind", "Namespace", "metadata", map("name", name, "labels", labels()));
    }

    public Map<String, Object> anyNamespace() {
        return namespace(NAMESPACES.get(random.nextInt(3)));
    }

    public Map<String, Object> node(int number) {
        return map(
                "kind",
                "Node",
                "metadata",
                map("name", "n" + number, "labels", labels()),
                "status",
                map(
                        "addresses",
                        List.of(
                                map("type", "InternalIP", "address", "10.0.0." + number),
                                map("type", "InternalIP", "address", "fd00::" + number),
                                map("type", "Hostname", "address", "n" + number))));
    }

    /** Pod number {@code index}; its address is its own, or the node's. */
    public Map<String, Object> pod(int index) {
        boolean hostNetwork = chance(10);
        int node = 1 + random.nextInt(2);
        List<Object> ips = new ArrayList<>();
        if (!chance(12)) {
            ips.add(map("ip", hostNetwork ? "10.0.0." + node : podIp(index, false)));
            if (!hostNetwork && !chance(4)) {
                ips.add(map("ip", podIp(index, true)));
            }
        }
        Map<String, Object> spec = map(
                "nodeName",
                chance(12) ? null : "n" + node,
                "hostNetwork",
                hostNetwork,
                "containers",
                List.of(container(), container()),
                "initContainers",
                List.of(container("Always"), container(null)));
        return map(
                "kind",
                "Pod",
                "metadata",
                map(
                        "namespace",
                        NAMESPACES.get(random.nextInt(3)),
                        "name",
                        "p" + index,
                        "uid",
                        "uid-" + index,
                        "labels",
                        labels()),
                "spec",
                spec,
                "status",
                map("phase", PHASES.get(random.nextInt(PHASES.size())), "podIPs", ips));
    }

    /** A probe between pods, nodes and strangers. */
    public Probe probe() {
        boolean v6 = chance(4);
        return new Probe(
                address(v6), address(v6), chance(2) ? Protocol.TCP : Protocol.values()[random.nextInt(3)], port());
    }

    private int port() {
        return PORTS[random.nextInt(PORTS.length)];
    }

    private Ip address(boolean v6) {
        int pick = random.nextInt(14);
        if (pick < 10) {
            return Ip.parse(podIp(random.nextInt(PODS), v6));
        }
        return pick < 12
                ? Ip.parse((v6 ? "fd00::" : "10.0.0.") + (1 + random.nextInt(2)))
                : Ip.parse(v6 ? "2001:db8::1" : "8.8.8.8");
    }

    private static String podIp(int index, boolean v6) {
        return (v6 ? "fd00::1:" : "10.0.1.") + index;
    }

    private Map<String, Object> container() {
        return container(null);
    }

    private Map<String, Object> container(String restartPolicy) {
        List<Object> ports = new ArrayList<>();
        if (chance(2)) {
            ports.add(map(
                    "name", random.nextBoolean() ? "http" : "dns",
                    "protocol", List.of("TCP", "UDP", "SCTP").get(random.nextInt(3)),
                    "containerPort", port()));
        }
        return map("name", "c", "restartPolicy", restartPolicy, "ports", ports);
    }

    private Map<String, Object> labels() {
        Map<String, Object> labels = new LinkedHashMap<>();
        KEYS.forEach(key -> {
            if (!chance(3)) {
                labels.put(key, VALUES.get(random.nextInt(VALUES.size())));
            }
        });
        return labels;
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }
}
