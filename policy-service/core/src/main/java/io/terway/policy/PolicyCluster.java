package io.terway.policy;

import io.terway.net.Ip;
import io.terway.net.NodeName;
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
 * @param nodes addresses of each node
 */
public record PolicyCluster(
        Map<String, Map<String, String>> namespaces,
        List<PolicyPod> pods,
        List<NetworkPolicy> policies,
        Map<NodeName, List<Ip>> nodes) {

    private static final String NAME_LABEL = "kubernetes.io/metadata.name";

    public PolicyCluster {
        namespaces = Map.copyOf(namespaces);
        pods = List.copyOf(pods);
        policies = List.copyOf(policies);
        nodes = Map.copyOf(nodes);
    }

    /** Labels of a namespace, with the implied one; an unknown namespace has only that. */
    public Map<String, String> namespaceLabels(String namespace) {
        Map<String, String> labels = new HashMap<>(namespaces.getOrDefault(namespace, Map.of()));
        labels.putIfAbsent(NAME_LABEL, namespace);
        return labels;
    }

    /** The live pod with this address of its own; host-network and finished pods have none. */
    public Optional<PolicyPod> podAt(Ip ip) {
        return pods.stream()
                .filter(pod -> pod.selectable() && pod.ips().contains(ip))
                .findFirst();
    }

    /** The node with this address. */
    public Optional<NodeName> nodeAt(Ip ip) {
        return nodes.entrySet().stream()
                .filter(node -> node.getValue().contains(ip))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** True when {@code peer}, named by a policy of {@code policyNamespace}, means this pod. */
    boolean means(Peer.Pods peer, String policyNamespace, PolicyPod pod) {
        String namespace = pod.ref().namespace();
        boolean inNamespace = peer.namespaces()
                .map(selector -> selector.matches(namespaceLabels(namespace)))
                .orElse(namespace.equals(policyNamespace));
        return pod.selectable() && inNamespace && peer.pods().matches(pod.labels());
    }

    /** True when the policy binds this pod. */
    static boolean binds(NetworkPolicy policy, PolicyPod pod) {
        return pod.selectable()
                && policy.id().namespace().equals(pod.ref().namespace())
                && policy.subject().matches(pod.labels());
    }
}
