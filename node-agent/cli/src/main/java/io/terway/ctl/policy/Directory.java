package io.terway.ctl.policy;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import java.util.HashMap;
import java.util.Map;

/**
 * Pods and nodes by name, for many questions about one cluster.
 *
 * @param unreadable why nothing can be said of a pod, by its name
 * @param strange the same by its addresses
 */
record Directory(
        Map<PodRef, PolicyPod> pods,
        Map<NodeName, PolicyNode> nodes,
        Map<PodRef, String> unreadable,
        Map<Ip, String> strange) {

    static Directory of(ClusterState state) {
        Map<PodRef, PolicyPod> pods = new HashMap<>();
        state.cluster().pods().forEach(pod -> pods.put(pod.ref(), pod));
        Map<NodeName, PolicyNode> nodes = new HashMap<>();
        state.cluster().nodes().forEach(node -> nodes.put(node.name(), node));
        Map<PodRef, String> unreadable = new HashMap<>();
        Map<Ip, String> strange = new HashMap<>();
        for (ClusterState.Unread pod : state.unreadable()) {
            pod.ref().filter(ref -> !pods.containsKey(ref)).ifPresent(ref -> unreadable.put(ref, pod.why()));
            pod.addresses().forEach(ip -> strange.put(ip, pod.why()));
        }
        state.cluster().pods().stream()
                .filter(pod -> !pod.finished())
                .flatMap(pod -> pod.ips().stream())
                .forEach(strange::remove);
        return new Directory(pods, nodes, unreadable, strange);
    }
}
