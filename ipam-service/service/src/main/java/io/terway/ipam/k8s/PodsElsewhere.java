package io.terway.ipam.k8s;

import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts pods that have an address on nodes of other shards, by namespace: a quota holds for all shards together. */
public final class PodsElsewhere implements Terms.Follower {

    private final Terms terms;
    /** By the hash of the UID: 400,000 of them fit into a small heap. */
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

    synchronized void has(String namespace, String uid) {
        if (counted.add(hash(uid))) {
            tell(namespace, 1);
        }
    }

    synchronized void hasNot(String namespace, String uid) {
        if (!counted.isEmpty() && counted.remove(hash(uid))) {
            tell(namespace, -1);
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

    private static long hash(String uid) {
        long hash = 1125899906842597L;
        for (int i = 0; i < uid.length(); i++) {
            hash = 31 * hash + uid.charAt(i);
        }
        return hash;
    }
}
