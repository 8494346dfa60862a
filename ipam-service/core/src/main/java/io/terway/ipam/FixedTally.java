package io.terway.ipam;

import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts fixed addresses by node, and says what has changed. */
final class FixedTally {

    private final Cluster cluster;
    private final Map<PodRef, Entry> entries = new HashMap<>();
    private final Map<NodeName, int[]> nodes = new HashMap<>();

    private record Entry(Optional<NodeName> node, boolean bound) {}

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
        List<PodRef> there = entries.entrySet().stream()
                .filter(entry -> entry.getValue().node.equals(Optional.of(node)))
                .map(Map.Entry::getKey)
                .toList();
        there.forEach(pod -> bound(pod, node, false));
    }

    void forget(PodRef pod) {
        Entry before = entries.remove(pod);
        if (before != null) {
            count(before, -1);
            before.node.ifPresent(this::say);
        }
    }

    private void put(PodRef pod, Entry entry) {
        Entry before = entries.put(pod, entry);
        if (entry.equals(before)) {
            return;
        }
        if (before != null) {
            count(before, -1);
        }
        count(entry, 1);
        if (before != null && !before.node.equals(entry.node)) {
            before.node.ifPresent(this::say);
        }
        entry.node.ifPresent(this::say);
    }

    private void count(Entry entry, int delta) {
        entry.node.ifPresent(node -> {
            int[] counts = nodes.computeIfAbsent(node, _ -> new int[2]);
            counts[0] += entry.bound ? delta : 0;
            counts[1] += delta;
        });
    }

    private void say(NodeName node) {
        int[] counts = nodes.get(node);
        cluster.say(new FixedCommand.ShowNode(node, counts[0], counts[1]));
        if (counts[1] == 0) {
            nodes.remove(node);
        }
    }

    int bound() {
        return nodes.values().stream().mapToInt(counts -> counts[0]).sum();
    }
}
