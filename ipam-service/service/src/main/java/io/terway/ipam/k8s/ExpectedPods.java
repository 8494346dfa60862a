package io.terway.ipam.k8s;

import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.NodeName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Pods on nodes that have no address yet, told to the loop before they ask for one. */
public final class ExpectedPods implements Terms.Follower {

    private final Terms terms;
    private final Map<String, IpamEvent.PodScheduled> waiting = new HashMap<>(); // guarded by this

    public ExpectedPods(Terms terms) {
        this.terms = terms;
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        waiting.values().forEach(loop::put);
    }

    @Override
    public void ends(LoopThread loop) {}

    synchronized void scheduled(NodeName node, String uid, Map<String, String> annotations) {
        var pod = new IpamEvent.PodScheduled(node, uid, annotations);
        if (waiting.putIfAbsent(uid, pod) == null) {
            terms.tell(pod);
        }
    }

    /** Another shard serves the node. */
    synchronized void forget(NodeName node) {
        List<String> there = waiting.values().stream()
                .filter(pod -> pod.node().equals(node))
                .map(IpamEvent.PodScheduled::uid)
                .toList();
        there.forEach(this::settled);
    }

    synchronized void settled(String uid) {
        IpamEvent.PodScheduled pod = waiting.remove(uid);
        if (pod != null) {
            terms.tell(new IpamEvent.PodSettled(pod.node(), uid));
        }
    }
}
