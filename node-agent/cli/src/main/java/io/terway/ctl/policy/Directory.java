package io.terway.ctl.policy;

import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import java.util.HashMap;
import java.util.Map;

/** Pods and nodes by name, for many questions about one cluster. */
record Directory(Map<PodRef, PolicyPod> pods, Map<NodeName, PolicyNode> nodes) {

    static Directory of(PolicyCluster cluster) {
        Map<PodRef, PolicyPod> pods = new HashMap<>();
        cluster.pods().forEach(pod -> pods.put(pod.ref(), pod));
        Map<NodeName, PolicyNode> nodes = new HashMap<>();
        cluster.nodes().forEach(node -> nodes.put(node.name(), node));
        return new Directory(pods, nodes);
    }
}
