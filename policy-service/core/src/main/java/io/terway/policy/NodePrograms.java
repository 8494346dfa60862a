package io.terway.policy;

import io.terway.net.PodRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Everything one node enforces.
 *
 * @param pods the node's pods that policy can select, by UID
 * @param isolatedNamespaces namespaces with at least one policy, so that a node can fail closed for a pod it has no
 *     programs for
 */
public record NodePrograms(Map<String, Bound> pods, SortedSet<String> isolatedNamespaces) {

    /**
     * A pod and the programs that bind it.
     *
     * @param ingress empty: not isolated in this direction
     * @param egress likewise
     */
    public record Bound(
            PodRef pod, String uid, List<io.terway.net.Ip> ips, Optional<Program> ingress, Optional<Program> egress) {}
}
