package io.terway.ipam;

import java.time.Duration;
import java.util.Objects;

/**
 * What a node's pool aims at.
 *
 * @param min idle addresses kept ready
 * @param max idle addresses tolerated
 * @param warmUp false: nothing is ordered ahead of waiting pods
 * @param warmUpBatch most addresses of one step ahead of waiting pods
 * @param idleTtl how long an idle address above {@code min} is kept
 * @param preAttachedEnis ENIs kept attached ahead of need
 * @param fullestEniFirst true: take and add addresses where most are, so that others empty
 */
public record PoolTargets(
        int min,
        int max,
        boolean warmUp,
        int warmUpBatch,
        Duration idleTtl,
        int preAttachedEnis,
        boolean fullestEniFirst) {

    public PoolTargets {
        Objects.requireNonNull(idleTtl, "idleTtl");
        if (min < 0 || max < min || warmUpBatch < 1 || preAttachedEnis < 0) {
            throw new IllegalArgumentException("pool targets min " + min + ", max " + max + ", warm-up batch "
                    + warmUpBatch + ", pre-attached ENIs " + preAttachedEnis + " contradict each other");
        }
    }

    /**
     * Addresses to order now: {@code waiting + max(0, min - idle left after the waiting ones)}, less what is on its way.
     *
     * @param waiting pods without an address
     * @param idle free addresses on the node
     * @param inFlight addresses ordered and not yet there
     */
    public int wanted(int waiting, int idle, int inFlight) {
        int ahead = warmUp ? min : 0;
        return Math.max(0, waiting + ahead - idle - inFlight);
    }

    /** Of {@link #wanted}, what a single step may order: waiting pods in full, warm-up in batches. */
    public int step(int waiting, int idle, int inFlight) {
        int wanted = wanted(waiting, idle, inFlight);
        int forWaiting = Math.max(0, waiting - idle - inFlight);
        int warmInFlight = Math.max(0, inFlight - Math.max(0, waiting - idle));
        int warm = Math.min(wanted - forWaiting, Math.max(0, warmUpBatch - warmInFlight));
        return forWaiting + warm;
    }

    /** Idle addresses to give back at once. */
    public int excess(int waiting, int idle) {
        return Math.max(0, idle - waiting - max);
    }

    /** These targets with sizes no larger than what the instance can hold. */
    PoolTargets clampedTo(int capacity) {
        return withSizes(Math.min(min, capacity), Math.min(max, capacity));
    }

    PoolTargets withSizes(int nextMin, int nextMax) {
        // Nodes without sizes of their own share one object, which is then at hand for each of them.
        return nextMin == min && nextMax == max
                ? this
                : new PoolTargets(nextMin, nextMax, warmUp, warmUpBatch, idleTtl, preAttachedEnis, fullestEniFirst);
    }

    /** Nothing is kept: what is idle goes back at once. */
    PoolTargets none() {
        return new PoolTargets(0, 0, false, warmUpBatch, idleTtl, 0, fullestEniFirst);
    }

    /**
     * A larger floor, where this many idle addresses are needed; at most two thirds of the way to the ceiling, so that an
     * address that comes free is not returned at once only to be ordered again.
     */
    PoolTargets raisedTo(int needed) {
        int highest = min + (max - min) * 2 / 3;
        return needed <= min || highest <= min || !warmUp ? this : withSizes(Math.min(needed, highest), max);
    }

    /** A pool that holds nothing ahead of need and returns what stays idle. */
    PoolTargets onDemand() {
        return new PoolTargets(0, Integer.MAX_VALUE, false, warmUpBatch, idleTtl, 0, fullestEniFirst);
    }
}
