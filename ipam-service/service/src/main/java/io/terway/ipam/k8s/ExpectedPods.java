package io.terway.ipam.k8s;

import io.terway.ipam.IpamEvent;
import io.terway.ipam.PodWishes;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.NodeName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Pods on nodes that have no address yet, told to the loop before they ask for one; and those with one that ask for security
 * groups, which may be changed under way.
 */
public final class ExpectedPods implements Terms.Follower {

    private static final Set<String> GROUPS = Set.of(PodWishes.GROUP, PodWishes.GROUPS);

    private final Terms terms;
    private final Map<String, IpamEvent.PodScheduled> waiting = new HashMap<>(); // guarded by this
    /** Of both. */
    private final Map<NodeName, Set<String>> byNode = new HashMap<>(); // guarded by this

    private final Map<String, IpamEvent.PodRegrouped> grouped = new HashMap<>(); // guarded by this

    public ExpectedPods(Terms terms) {
        this.terms = terms;
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        waiting.values().forEach(loop::put);
        grouped.values().forEach(loop::put);
    }

    @Override
    public void ends(LoopThread loop) {}

    synchronized void scheduled(NodeName node, String uid, Map<String, String> annotations) {
        var pod = new IpamEvent.PodScheduled(node, uid, annotations);
        if (waiting.putIfAbsent(uid, pod) == null) {
            byNode.computeIfAbsent(node, _ -> new HashSet<>()).add(uid);
            terms.tell(pod);
        }
    }

    /** It has its address, and these annotations. */
    synchronized void connected(NodeName node, String uid, Map<String, String> annotations) {
        settled(uid);
        boolean asks = annotations.keySet().stream().anyMatch(GROUPS::contains);
        if (asks || grouped.containsKey(uid)) {
            var pod = new IpamEvent.PodRegrouped(node, uid, annotations);
            byNode.computeIfAbsent(node, _ -> new HashSet<>()).add(uid);
            if (!pod.equals(grouped.put(uid, pod))) {
                terms.tell(pod);
            }
        }
    }

    /** It is no more. */
    synchronized void gone(String uid) {
        settled(uid);
        IpamEvent.PodRegrouped pod = grouped.remove(uid);
        if (pod != null) {
            leaves(pod.node(), uid);
            terms.tell(new IpamEvent.PodSettled(pod.node(), uid));
        }
    }

    /** Nothing more is known of it. */
    private void leaves(NodeName node, String uid) {
        if (!waiting.containsKey(uid) && !grouped.containsKey(uid)) {
            byNode.computeIfPresent(node, (_, uids) -> uids.remove(uid) && uids.isEmpty() ? null : uids);
        }
    }

    /** Another shard serves the node. */
    synchronized void forget(NodeName node) {
        List.copyOf(byNode.getOrDefault(node, Set.of())).forEach(this::gone);
    }

    synchronized void settled(String uid) {
        IpamEvent.PodScheduled pod = waiting.remove(uid);
        if (pod != null) {
            leaves(pod.node(), uid);
            terms.tell(new IpamEvent.PodSettled(pod.node(), uid));
        }
    }
}
