package io.terway.ipam.config;

import io.terway.ipam.Shard;
import io.terway.net.Sharding;

/** The nodes that this process serves, as it is configured. */
public final class Shards {

    private Shards() {}

    public static Shard of(IpamConfig config) {
        try {
            return new Shard(Sharding.parse(config.shards().orElse("")), config.shard());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("terway.shards and terway.shard: " + e.getMessage(), e);
        }
    }
}
