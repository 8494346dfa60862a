package io.terway.ipam.k8s;

import io.terway.ipam.CloudInstance;
import io.terway.ipam.Shard;
import io.terway.net.InstanceId;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Which Nodes this shard serves, as their zones and names decide. One that was not seen yet may be ours. With a single shard
 * all are, and nothing is kept.
 */
public final class ShardNodes {

    private final Shard shard;
    private final Map<NodeName, Seen> nodes = new ConcurrentHashMap<>();
    private final Map<InstanceId, NodeName> byInstance = new ConcurrentHashMap<>();
    private final List<Consumer<NodeName>> listeners = new CopyOnWriteArrayList<>();

    private record Seen(boolean ours, Optional<InstanceId> instance) {}

    public ShardNodes(Shard shard) {
        this.shard = shard;
    }

    /** @param listener told of each node that turns out to be another shard's */
    void listen(Consumer<NodeName> listener) {
        listeners.add(listener);
    }

    void seen(NodeName node, String zone, Optional<InstanceId> instance) {
        if (!shard.isPart()) {
            return;
        }
        boolean serves = shard.serves(new ZoneId(zone), node);
        Seen before = nodes.put(node, new Seen(serves, instance));
        if (before != null) {
            before.instance().ifPresent(id -> byInstance.remove(id, node));
        }
        instance.ifPresent(id -> byInstance.put(id, node));
        if (!serves && (before == null || before.ours())) {
            listeners.forEach(listener -> listener.accept(node));
        }
    }

    void gone(NodeName node) {
        Seen before = nodes.remove(node);
        if (before != null) {
            before.instance().ifPresent(id -> byInstance.remove(id, node));
        }
    }

    /** False when another shard serves the node. */
    boolean serves(NodeName node) {
        Seen seen = shard.isPart() ? nodes.get(node) : null;
        return seen == null || seen.ours();
    }

    /** False when another shard serves the node that the instance is, or any node of its zone. */
    public boolean serves(CloudInstance instance) {
        NodeName node = byInstance.get(instance.id());
        return !shard.isPart() || (node == null ? shard.serves(instance.zone()) : serves(node));
    }
}
