package io.terway.ipam;

import io.terway.net.Ip;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Cool-downs that a move has cut short: for others than the pod they go on. */
final class FixedRest {

    private final Map<Ip, Instant> hurried = new HashMap<>();
    /** Nobody's any more, and still in their cool-down. */
    private final Deadlines<FixedAddress> resting = new Deadlines<>();

    void hurry(Ip ip, Instant until) {
        hurried.put(ip, until);
    }

    /** The pod has it again, or its time is over. */
    void over(FixedAddress address) {
        address.addresses().forEach(hurried::remove);
    }

    /** True when an address that is nobody's any more is to be kept until its cool-down would have ended. */
    boolean keeps(FixedAddress address, Instant now) {
        Instant rested = rested(address);
        if (rested.isAfter(now)) {
            resting.put(address, rested);
        }
        return rested.isAfter(now);
    }

    /** How long an address that a move has hurried would still cool down. */
    Duration left(FixedAddress address, Instant now) {
        Instant rested = rested(address);
        return rested.isAfter(now) ? Duration.between(now, rested) : Duration.ZERO;
    }

    private Instant rested(FixedAddress address) {
        Instant rested = Instant.MIN;
        for (Ip ip : address.addresses()) {
            Instant until = hurried.getOrDefault(ip, Instant.MIN);
            rested = until.isAfter(rested) ? until : rested;
        }
        return rested;
    }

    Optional<FixedAddress> poll(Instant now) {
        return resting.poll(now);
    }

    Optional<Instant> nextDue() {
        return resting.first();
    }
}
