package io.terway.ipam;

import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The vSwitches that ENIs are made in, and what is left of them as far as known. */
final class VSwitches {

    /** How long single addresses are ordered after no prefix was to be had. */
    static final Duration NO_PREFIX_FOR = Duration.ofMinutes(10);

    private final Cluster cluster;
    private final Map<VSwitchId, VSwitchSupply> supplies = new HashMap<>();
    final Shortages shortages = new Shortages();

    VSwitches(Cluster cluster) {
        this.cluster = cluster;
    }

    void seen(List<VSwitchSupply> seen) {
        seen.forEach(vSwitch -> supplies.put(vSwitch.id(), vSwitch));
    }

    /** Those a new ENI of the node may be made in now, best first. */
    List<VSwitchId> candidates(NodeState node, Instant now) {
        List<VSwitchId> zone = new ArrayList<>(ofZone(node));
        zone.removeIf(vSwitch -> shortages.most(vSwitch, now) == 0);
        switch (cluster.config(node).vSwitchOrder()) {
            case ORDERED -> {}
            case RANDOM -> {
                if (!zone.isEmpty()) {
                    Collections.rotate(zone, Math.floorMod(node.name.hashCode(), zone.size()));
                }
            }
            case MOST -> zone.sort(Comparator.comparingLong(this::available).reversed());
        }
        return zone;
    }

    private long available(VSwitchId id) {
        return supplies.containsKey(id) ? supplies.get(id).available() : 0;
    }

    /** Those of the node's zone, with addresses or without; where none is configured the primary ENI's. */
    List<VSwitchId> ofZone(NodeState node) {
        List<VSwitchId> configured = cluster.config(node).vSwitches().getOrDefault(node.zone, List.of());
        if (!configured.isEmpty()) {
            return configured;
        }
        CloudInstance instance = cluster.instances.get(node.identity.instance());
        return instance == null ? List.of() : instance.primaryVSwitch().stream().toList();
    }

    /**
     * Too few free addresses, or no free block of them, which says nothing about single ones.
     *
     * @param own addresses an ENI takes for itself
     */
    void refused(
            NodeState node,
            PoolCommand.Counts counts,
            int own,
            List<VSwitchId> vSwitches,
            OperationResult.Failed failed,
            Instant now) {
        if (counts.ipv4Prefixes() > 0 || counts.ipv6Prefixes() > 0) {
            node.singlesUntil = now.plus(NO_PREFIX_FOR);
        } else {
            int asked = Math.max(own + counts.ipv4(), counts.ipv6());
            vSwitches.forEach(id -> shortages.refused(id, asked, failed.message(), now));
        }
    }

    /** False when every candidate has less left than its reserve. */
    boolean mayWarmUp(NodeState node, List<VSwitchId> candidates) {
        int reserve = cluster.config(node).reservePercent();
        if (reserve == 0 || candidates.isEmpty()) {
            return true;
        }
        return candidates.stream()
                .anyMatch(id -> !supplies.containsKey(id) || !supplies.get(id).insideReserve(reserve));
    }

    /** For people: one that has nothing left. */
    String spent(VSwitchId id) {
        VSwitchSupply supply = supplies.get(id);
        String size = supply == null ? "" : " (" + supply.cidr() + ", " + supply.usable() + " addresses)";
        return "vSwitch " + id + size + " has none left: " + shortages.why(id);
    }
}
