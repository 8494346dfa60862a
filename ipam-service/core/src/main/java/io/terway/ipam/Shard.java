package io.terway.ipam;

import io.terway.net.NodeName;
import io.terway.net.Sharding;
import io.terway.net.ZoneId;
import java.util.Objects;

/** The part of a cluster that this ipam-service serves: all of it, unless several divide the nodes between them. */
public record Shard(Sharding sharding, int index) {

    /** Every node. */
    public static final Shard WHOLE = new Shard(Sharding.NONE, 0);

    public Shard {
        Objects.requireNonNull(sharding, "sharding");
        if (index < 0 || index >= sharding.count()) {
            throw new IllegalArgumentException(
                    "terway.shard is " + index + "; terway.shards names 0 to " + (sharding.count() - 1));
        }
    }

    /** True when this part serves the node. */
    public boolean serves(ZoneId zone, NodeName node) {
        return sharding.of(zone, node.value()) == index;
    }

    /** True when some node of the zone may be ours. */
    public boolean serves(ZoneId zone) {
        return sharding.of(zone).contains(index);
    }

    /** True when this part looks after a kept address: where it is decides, or its pod's name while it is nowhere. */
    boolean keeps(FixedAddress address) {
        String name = address.place()
                .map(place -> place.node().value())
                .orElse(address.pod().toString());
        return sharding.of(address.zone(), name) == index;
    }

    /** True when there are others. */
    public boolean isPart() {
        return sharding.count() > 1;
    }

    /** The Lease of our leader. */
    public String lease() {
        return sharding.lease(index);
    }

    /** Who serves a node that we do not. */
    String other(ZoneId zone, NodeName node) {
        int shard = sharding.of(zone, node.value());
        return "shard " + shard + " of ipam-service (Lease " + sharding.lease(shard) + ")";
    }
}
