package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index against a walk over all nodes. */
class WhereaboutsProperties {

    private static final int NODES = 5;
    private static final int ADDRESSES = 12;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void saysWhatAWalkOverAllNodesWouldFind(long seed) {
        Random random = new Random(seed);
        var cluster = new Cluster(1, FixedSettings.DEFAULTS, Shard.WHOLE);
        List<NodeState> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            nodes.add(join(cluster, i));
        }
        for (int step = 0; step < 2_000; step++) {
            NodeState node = nodes.get(random.nextInt(NODES));
            Ip ip = Ip.ofIpv4(0x0a000000 + random.nextInt(ADDRESSES));
            Slot slot = node.slots.get(ip);
            if (random.nextInt(200) == 0) {
                cluster.drop(node, NOW);
                nodes.set(nodes.indexOf(node), join(cluster, Integer.parseInt(node.name.value())));
            } else if (slot == null) {
                node.add(ip, new EniId("eni-" + random.nextInt(6)), false, new AddressState.Supplied());
            } else {
                node.remove(slot);
            }
            agree(cluster, nodes);
        }
    }

    private static NodeState join(Cluster cluster, int i) {
        NodeState node = new NodeState(cluster, new ModelAgent(Integer.toString(i)).hello());
        cluster.nodes.put(node.name, node);
        return node;
    }

    private static void agree(Cluster cluster, List<NodeState> nodes) {
        for (int i = 0; i < ADDRESSES; i++) {
            Ip ip = Ip.ofIpv4(0x0a000000 + i);
            Set<NodeState> walked =
                    nodes.stream().filter(node -> node.slots.containsKey(ip)).collect(Collectors.toSet());
            List<NodeState> indexed = cluster.whereabouts.of(ip);
            assertEquals(walked, new HashSet<>(indexed));
            assertEquals(walked.size(), indexed.size(), "each once");
        }
        for (int i = 0; i < 6; i++) {
            EniId eni = new EniId("eni-" + i);
            assertEquals(
                    nodes.stream().noneMatch(node -> node.enis.containsKey(eni)),
                    cluster.whereabouts.isNowhere(eni),
                    eni + " is at none");
        }
    }
}
