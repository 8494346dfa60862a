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

    private record Shortage(int most, Instant until) {}

    /** It had not so many. */
    void refused(VSwitchId vSwitch, int addresses, Instant now) {
        int most = Math.min(addresses, most(vSwitch, now)) / 2;
        shortages.put(vSwitch, new Shortage(most, now.plus(SHORT_FOR)));
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
