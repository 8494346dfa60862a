package io.terway.policy;

import io.terway.net.Ip;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A snapshot of everything policy depends on.
 *
 * @param namespaces labels of each namespace by its name; kubernetes.io/metadata.name is implied
 * @param pods every pod
 * @param policies every readable policy
 * @param nodes every node; addresses of its host-network pods belong to it
 */
public record PolicyCluster(
        Map<String, Map<String, String>> namespaces,
        List<PolicyPod> pods,
        List<Policy> policies,
        List<PolicyNode> nodes) {

    public PolicyCluster {
        Map<String, Map<String, String>> named = new HashMap<>();
        namespaces.forEach((name, labels) -> named.put(name, withName(name, labels)));
        namespaces = Map.copyOf(named);
        pods = List.copyOf(pods);
        policies = List.copyOf(policies);
        nodes = List.copyOf(nodes);
    }

    /** Labels of a namespace, with the implied one; an unknown namespace has only that. */
    public Map<String, String> namespaceLabels(String namespace) {
        Map<String, String> known = namespaces.get(namespace);
        return known != null ? known : Map.of(NamespaceMatch.NAME_LABEL, namespace);
    }

    /** Adds the label that every namespace has. */
    public static Map<String, String> withName(String namespace, Map<String, String> labels) {
        Map<String, String> out = new HashMap<>(labels);
        out.put(NamespaceMatch.NAME_LABEL, namespace);
        return out;
    }

    /** The live pod with this address of its own; host-network and finished pods have none. */
    public Optional<PolicyPod> podAt(Ip ip) {
        return pods.stream()
                .filter(pod -> pod.selectable() && pod.ips().contains(ip))
                .findFirst();
    }

    /** The node with this address. */
    public Optional<PolicyNode> nodeAt(Ip ip) {
        return nodes.stream().filter(node -> node.addresses().contains(ip)).findFirst();
    }

    /** True when the selector means this pod. */
    public boolean means(Peer.Pods peer, PolicyPod pod) {
        String namespace = pod.ref().namespace();
        return pod.selectable()
                && peer.namespaces().means(namespace, namespaceLabels(namespace))
                && peer.pods().matches(pod.labels());
    }
}
