package io.terway.eni;

import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of vSwitches, and in which order to try them. An exhausted one is left out until its block ends. Not
 * thread-safe.
 */
public final class VSwitchBook {

    /** How candidates are ordered. */
    public enum Policy {
        /** As the caller listed them. */
        ORDERED,
        /** Spread evenly. */
        RANDOM,
        /** The one with the most free addresses first. */
        MOST
    }

    /** How long an exhausted vSwitch is left out. */
    public static final Duration BLOCK = Duration.ofMinutes(10);

    /** vSwitches remembered; a VPC has at most 150 by default. */
    public static final int MAX_V_SWITCHES = 2_000;

    private final Map<VSwitchId, VSwitch> known = new HashMap<>();
    private final Map<VSwitchId, Instant> blockedUntil = new HashMap<>();

    /** Takes in what the cloud just listed. A vSwitch with free addresses again is unblocked. */
    public void seen(List<VSwitch> vSwitches) {
        for (VSwitch vSwitch : vSwitches) {
            if (known.size() < MAX_V_SWITCHES || known.containsKey(vSwitch.id())) {
                known.put(vSwitch.id(), vSwitch);
            }
        }
    }

    public void exhausted(VSwitchId id, Instant now) {
        blockedUntil.values().removeIf(until -> !until.isAfter(now));
        if (blockedUntil.size() < MAX_V_SWITCHES) {
            blockedUntil.put(id, now.plus(BLOCK));
        }
        known.computeIfPresent(id, (_, vSwitch) -> vSwitch.withAvailable(0));
    }

    /** {@code count} addresses were taken, or returned when negative, since the last listing. */
    public void used(VSwitchId id, int count) {
        known.computeIfPresent(id, (_, vSwitch) -> vSwitch.withAvailable(Math.max(0, vSwitch.available() - count)));
    }

    /**
     * The candidates to try, first to last, without blocked ones. When all are blocked they are all returned: the cloud
     * decides, and a person reads its answer.
     *
     * @param random from [0, 1), used by {@link Policy#RANDOM}
     */
    public List<VSwitchId> choose(List<VSwitchId> candidates, Policy policy, double random, Instant now) {
        List<VSwitchId> open = new ArrayList<>(candidates);
        open.removeIf(id -> blockedUntil.getOrDefault(id, Instant.MIN).isAfter(now));
        if (open.isEmpty()) {
            return List.copyOf(candidates);
        }
        switch (policy) {
            case ORDERED -> {}
            case RANDOM -> Collections.rotate(open, (int) (random * open.size()));
            case MOST -> open.sort(Comparator.comparingLong(this::available).reversed());
        }
        return List.copyOf(open);
    }

    /** Unknown vSwitches count as empty when ordering by free addresses. */
    private long available(VSwitchId id) {
        VSwitch vSwitch = known.get(id);
        return vSwitch == null ? 0 : vSwitch.available();
    }

    /** Every vSwitch known, by id. */
    public Map<VSwitchId, VSwitch> known() {
        return Map.copyOf(known);
    }
}
