package io.terway.ipam.k8s;

import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.PodRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts pods that have an address on nodes of other shards, by namespace: a quota holds for all shards together. */
public final class PodsElsewhere implements Terms.Follower {

    private final Terms terms;
    /** By the hash of the name: 400,000 of them fit into a small heap. */
    private final Set<Long> counted = new HashSet<>(); // guarded by this

    private final Map<String, Integer> counts = new HashMap<>(); // guarded by this

    public PodsElsewhere(Terms terms) {
        this.terms = terms;
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        counts.forEach((namespace, count) -> loop.put(new IpamEvent.PodsElsewhere(namespace, count)));
    }

    @Override
    public void ends(LoopThread loop) {}

    synchronized void has(PodRef pod) {
        if (counted.add(hash(pod))) {
            tell(pod.namespace(), 1);
        }
    }

    synchronized void hasNot(PodRef pod) {
        if (!counted.isEmpty() && counted.remove(hash(pod))) {
            tell(pod.namespace(), -1);
        }
    }

    /** By namespace. */
    synchronized Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }

    private void tell(String namespace, int delta) {
        int count = counts.merge(namespace, delta, Integer::sum);
        if (count == 0) {
            counts.remove(namespace);
        }
        terms.tell(new IpamEvent.PodsElsewhere(namespace, count));
    }

    /** FNV-1a and a last mix: names that differ in two letters only must not meet. */
    private static long hash(PodRef pod) {
        long hash = 0xcbf29ce484222325L;
        String name = pod.toString();
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return (hash ^ hash >>> 32) * 0x9e3779b97f4a7c15L;
    }
}
