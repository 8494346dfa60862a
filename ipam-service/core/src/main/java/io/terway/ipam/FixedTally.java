package io.terway.ipam;

import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Counts fixed addresses by node, and says what has changed. */
final class FixedTally {

    private final Cluster cluster;
    private final Map<PodRef, Entry> entries = new HashMap<>();
    private final Map<NodeName, OfNode> nodes = new HashMap<>();
    private int bound;

    private record Entry(Optional<NodeName> node, boolean bound) {}

    /** Pods with an address at a node, and how many of them have it now. */
    private static final class OfNode {

        final Set<PodRef> pods = new HashSet<>();
        int bound;
    }

    FixedTally(Cluster cluster) {
        this.cluster = cluster;
    }

    void at(PodRef pod, Optional<NodeName> node) {
        Entry before = entries.getOrDefault(pod, new Entry(Optional.empty(), false));
        put(pod, new Entry(node, before.bound && before.node.equals(node)));
    }

    void bound(PodRef pod, NodeName node, boolean bound) {
        put(pod, new Entry(Optional.of(node), bound));
    }

    /** Its machine is gone, and with it what ran there. */
    void dropped(NodeName node) {
        OfNode there = nodes.get(node);
        if (there != null) {
            List.copyOf(there.pods).forEach(pod -> bound(pod, node, false));
        }
    }

    void forget(PodRef pod) {
        Entry before = entries.remove(pod);
        if (before != null) {
            count(pod, before, -1);
            before.node.ifPresent(this::say);
        }
    }

    private void put(PodRef pod, Entry entry) {
        Entry before = entries.put(pod, entry);
        if (entry.equals(before)) {
            return;
        }
        if (before != null) {
            count(pod, before, -1);
        }
        count(pod, entry, 1);
        if (before != null && !before.node.equals(entry.node)) {
            before.node.ifPresent(this::say);
        }
        entry.node.ifPresent(this::say);
    }

    private void count(PodRef pod, Entry entry, int delta) {
        entry.node.ifPresent(node -> {
            OfNode there = nodes.computeIfAbsent(node, _ -> new OfNode());
            if (delta > 0) {
                there.pods.add(pod);
            } else {
                there.pods.remove(pod);
            }
            there.bound += entry.bound ? delta : 0;
            bound += entry.bound ? delta : 0;
        });
    }

    private void say(NodeName node) {
        OfNode there = nodes.get(node);
        cluster.say(new FixedCommand.ShowNode(node, there.bound, there.pods.size()));
        if (there.pods.isEmpty()) {
            nodes.remove(node);
        }
    }

    int bound() {
        return bound;
    }
}
