package io.terway.ipam;

import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * vSwitches that had fewer addresses than were asked of them lately. The cloud gives all that a call asks for or nothing, so
 * less is asked the next time, down to one address; a vSwitch that has not even that is passed over.
 */
final class Shortages {

    /** How long less is asked of a vSwitch, and nothing of an empty one. */
    static final Duration SHORT_FOR = Duration.ofMinutes(1);

    static final int NO_LIMIT = Integer.MAX_VALUE;

    private final Map<VSwitchId, Shortage> shortages = new HashMap<>();

    /** @param why the cloud's words */
    private record Shortage(int most, Instant until, String why) {}

    /** It had not so many. */
    void refused(VSwitchId vSwitch, int addresses, String why, Instant now) {
        int most = Math.min(addresses, most(vSwitch, now)) / 2;
        shortages.put(vSwitch, new Shortage(most, now.plus(SHORT_FOR), why));
    }

    /** So many were given back to it. */
    void freed(VSwitchId vSwitch, int addresses, Instant now) {
        int most = most(vSwitch, now);
        if (most != NO_LIMIT) {
            shortages.computeIfPresent(vSwitch, (_, was) -> new Shortage(most + addresses, was.until, was.why));
        }
    }

    /** What the cloud said when it refused last. */
    String why(VSwitchId vSwitch) {
        Shortage shortage = shortages.get(vSwitch);
        return shortage == null ? "" : shortage.why;
    }

    /** Addresses that may be asked of it in one call: none while it is passed over. */
    int most(VSwitchId vSwitch, Instant now) {
        Shortage shortage = shortages.get(vSwitch);
        if (shortage == null) {
            return NO_LIMIT;
        }
        if (!shortage.until.isAfter(now)) {
            shortages.remove(vSwitch);
            return NO_LIMIT;
        }
        return shortage.most;
    }
}
