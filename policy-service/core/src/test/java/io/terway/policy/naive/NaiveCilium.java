package io.terway.policy.naive;

import io.terway.net.Ip;
import io.terway.policy.Direction;
import io.terway.policy.Probe;
import io.terway.policy.read.Field;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** CiliumNetworkPolicy, read off the page. */
final class NaiveCilium {

    private static final Set<String> KNOWN = Set.of("Endpoints", "Entities", "CIDR", "CIDRSet");

    private final NaiveCluster cluster;
    private final NaiveRules rules;

    NaiveCilium(NaiveCluster cluster, NaiveRules rules) {
        this.cluster = cluster;
        this.rules = rules;
    }

    NaiveJudge.Opinion policy(Field policy, Direction direction, Probe probe, Field pod, Ip other) {
        Field spec = policy.get("spec");
        boolean ingress = direction == Direction.INGRESS;
        String namespace = NaiveCluster.namespace(policy);
        Field section = spec.get(ingress ? "ingress" : "egress");
        Field denies = spec.get(ingress ? "ingressDeny" : "egressDeny");
        Field otherDenies = spec.get(ingress ? "egressDeny" : "ingressDeny");
        boolean denied = denies.present() && !cluster.is(Wrong.CILIUM_DENY_IS_IGNORED)
                || otherDenies.present() && cluster.is(Wrong.CILIUM_DENY_IS_FOR_BOTH_DIRECTIONS);
        boolean isolates = !section.list().isEmpty() || denied || cluster.is(Wrong.CILIUM_ISOLATES_BOTH_DIRECTIONS);
        boolean binds = NaiveCluster.namespace(pod).equals(namespace)
                && cluster.matches(plain(spec.get("endpointSelector")), NaiveCluster.labels(pod));
        if (!binds || !isolates) {
            return new NaiveJudge.Opinion(false, false, false);
        }
        boolean allows = false;
        boolean everyRequest = false;
        if (!denied) {
            for (Field rule : section.list()) {
                if (peers(rule, ingress ? "from" : "to", namespace, other)) {
                    List<Field> ports = rule.get("toPorts").list();
                    boolean listed = rule.get("toPorts").present();
                    if (ports.isEmpty() && !(listed && cluster.is(Wrong.CILIUM_EMPTY_PORT_LIST_IS_NO_PORT))) {
                        allows = true;
                        everyRequest = true;
                    }
                    for (Field entry : ports) {
                        List<Field> requests = entry.get("rules").get("http").list();
                        boolean http = !requests.isEmpty();
                        boolean readable = !http
                                || cluster.is(Wrong.CILIUM_HEADER_MATCHES_ARE_IGNORED)
                                || requests.stream()
                                        .anyMatch(request ->
                                                !request.get("headerMatches").present());
                        boolean fits = !http
                                || cluster.is(Wrong.CILIUM_HTTP_OPENS_UDP)
                                || probe.protocol().name().equals("TCP");
                        if (readable
                                && fits
                                && entry.get("ports").list().stream().anyMatch(port -> port(port, probe))) {
                            allows = true;
                            everyRequest |= !http || cluster.is(Wrong.CILIUM_HTTP_IS_IGNORED);
                        }
                    }
                }
            }
        }
        return new NaiveJudge.Opinion(true, allows, allows && !everyRequest);
    }

    private boolean peers(Field rule, String prefix, String namespace, Ip other) {
        boolean any = false;
        boolean found = false;
        boolean missed = false;
        for (String key : rule.map().keySet()) {
            if (key.equals("toPorts") || !rule.get(key).present()) {
                continue;
            }
            String kind = key.startsWith(prefix) ? key.substring(prefix.length()) : key;
            if (!KNOWN.contains(kind)) {
                if (cluster.is(Wrong.CILIUM_UNSUPPORTED_FIELD_IS_IGNORED)) {
                    continue;
                }
                return false;
            }
            any = true;
            if (rule.get(key).list().isEmpty()) {
                return cluster.is(Wrong.CILIUM_EMPTY_PEER_LIST_ALLOWS);
            }
            boolean before = found;
            found = false;
            for (Field peer : rule.get(key).list()) {
                found |= switch (kind) {
                    case "Endpoints" -> endpoints(peer, namespace, other);
                    case "Entities" -> entity(peer.text(), other);
                    case "CIDR" -> rules.block(new Field("", Map.of("cidr", peer.text())), other);
                    default -> rules.block(peer, other);
                };
            }
            missed |= !found;
            found |= before;
        }
        if (any) {
            return found && !(missed && cluster.is(Wrong.CILIUM_PEERS_ARE_ANDED));
        }
        return !rule.get("toPorts").list().isEmpty()
                ? !cluster.is(Wrong.CILIUM_PORTS_ALONE_ALLOW_NOTHING)
                : cluster.is(Wrong.CILIUM_EMPTY_RULE_ALLOWS);
    }

    private boolean entity(String entity, Ip other) {
        boolean pod = cluster.podAt(other) != null;
        boolean node = cluster.nodeAt(other) != null;
        boolean world = !pod && !node
                || pod && cluster.is(Wrong.CILIUM_WORLD_MEANS_PODS)
                || node && !pod && cluster.is(Wrong.CILIUM_WORLD_MEANS_NODES);
        return switch (entity) {
            case "all" -> true;
            case "world" -> world;
            case "world-ipv4" ->
                world && (other.family().bits() == 32 || cluster.is(Wrong.CILIUM_WORLD_IPV4_MEANS_BOTH));
            case "world-ipv6" -> world && other.family().bits() == 128;
            case "cluster" -> pod || node && !cluster.is(Wrong.CILIUM_CLUSTER_MEANS_PODS_ONLY);
            case "remote-node" -> node && !pod;
            default -> false;
        };
    }

    private boolean endpoints(Field selector, String own, Ip other) {
        Field pod = cluster.peerAt(other);
        if (pod == null) {
            return false;
        }
        Field plain = plain(selector);
        String namespace = NaiveCluster.namespace(pod);
        Map<String, Object> labels = new HashMap<>(NaiveCluster.labels(pod));
        if (!cluster.is(Wrong.CILIUM_NAMESPACE_LABEL_IS_A_POD_LABEL)) {
            labels.put("io.kubernetes.pod.namespace", namespace);
            cluster.namespaceLabels(namespace)
                    .forEach((key, value) -> labels.put("io.cilium.k8s.namespace.labels." + key, value));
        }
        boolean saysWhere = plain.toString().contains("io.kubernetes.pod.namespace")
                || plain.toString().contains("io.cilium.k8s.namespace.labels.");
        boolean there = saysWhere || namespace.equals(own) || cluster.is(Wrong.CILIUM_ENDPOINTS_MEAN_ALL_NAMESPACES);
        return there && cluster.matches(plain, labels);
    }

    /** The selector without the sources of its keys. */
    private Field plain(Field selector) {
        Map<String, Object> pairs = new LinkedHashMap<>();
        selector.get("matchLabels").map().forEach((key, value) -> pairs.put(plain(key), value));
        List<Map<String, Object>> expressions = selector.get("matchExpressions").list().stream()
                .map(expression -> {
                    Map<String, Object> out = new LinkedHashMap<>(expression.map());
                    out.put("key", plain(expression.get("key").text()));
                    return out;
                })
                .toList();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("matchLabels", pairs);
        out.put("matchExpressions", expressions);
        return new Field("", out);
    }

    private String plain(String key) {
        return cluster.is(Wrong.CILIUM_PREFIX_IS_PART_OF_THE_KEY) ? key : key.substring(key.indexOf(':') + 1);
    }

    private boolean port(Field port, Probe probe) {
        String protocol = port.get("protocol").text();
        boolean any = protocol.isEmpty() || protocol.equals("ANY");
        String wanted = any && cluster.is(Wrong.CILIUM_ANY_IS_TCP) ? "TCP" : protocol;
        if (!(any && !cluster.is(Wrong.CILIUM_ANY_IS_TCP))
                && !wanted.equals(probe.protocol().name())) {
            return false;
        }
        String number = String.valueOf(port.get("port").value());
        if (number.equals("0")) {
            return !cluster.is(Wrong.CILIUM_PORT_ZERO_IS_NONE);
        }
        if (!number.matches("[0-9]+")) {
            return cluster.numbers(
                            cluster.podAt(probe.to()), number, probe.protocol().name())
                    .contains(probe.port());
        }
        int first = Integer.parseInt(number);
        boolean range = port.get("endPort").present() && !cluster.is(Wrong.CILIUM_END_PORT_IS_IGNORED);
        int last = range ? port.get("endPort").number() : first;
        return first <= probe.port() && probe.port() <= last;
    }
}
