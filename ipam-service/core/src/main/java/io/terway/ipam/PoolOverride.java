package io.terway.ipam;

import java.util.OptionalInt;

/** Pool sizes of a node's annotations k8s.aliyun.com/eni-max-pool-size and eni-min-pool-size. */
public record PoolOverride(OptionalInt min, OptionalInt max) {

    public static final PoolOverride NONE = new PoolOverride(OptionalInt.empty(), OptionalInt.empty());
}
