package io.terway.ipam;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Keeps free addresses that are some pod's out of what nodes are offered. They stay on their ENI. */
final class KeptBack {

    private final Cluster cluster;
    /** Nodes that may have been offered one that is free. */
    private final Set<NodeName> loose = new HashSet<>();

    KeptBack(Cluster cluster) {
        this.cluster = cluster;
    }

    /** A pod's from now on, or nobody's: the nodes that have it are looked at. */
    void changed(FixedAddress address) {
        for (Ip ip : address.addresses()) {
            for (NodeState node : cluster.whereabouts.of(ip)) {
                node.supplied |= node.slots.get(ip).state instanceof AddressState.Supplied;
                loose.add(node.name);
                cluster.touch(node);
            }
        }
    }

    /** An address became free on a node. */
    void freed(NodeState node, Ip ip) {
        if (cluster.fixed.owns(ip)) {
            loose.add(node.name);
        }
    }

    /** Takes them out of the node's offered set, so that nobody else gets them. */
    void settle(NodeState node, Withdrawals withdrawals) {
        if (loose.isEmpty() || !loose.remove(node.name)) {
            return;
        }
        List<Slot> free = new ArrayList<>();
        for (Slot slot : node.slots.values()) {
            if (slot.state instanceof AddressState.Idle && cluster.fixed.owns(slot.ip)) {
                free.add(slot);
            }
        }
        withdrawals.ask(node, free, List.of());
    }
}
