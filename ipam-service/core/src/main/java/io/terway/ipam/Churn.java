package io.terway.ipam;

import java.time.Duration;
import java.time.Instant;

/**
 * How fast a node's pods come and go, and what follows for its pool. An address that is released rests for the cool-down and
 * its successor takes a while to come, so a node that binds {@code r} addresses a second needs about
 * {@code r x (cool-down + LEAD)} of them beside those in use. The rate is a mean whose past halves every minute.
 */
final class Churn {

    /** Until an address that is ordered can be used. */
    static final Duration LEAD = Duration.ofSeconds(10);

    private static final double HALF_LIFE_SECONDS = 60;
    private static final double LN2 = Math.log(2);

    private double perSecond;
    private Instant at = Instant.EPOCH;

    void bound(Instant now) {
        perSecond = rate(now) + LN2 / HALF_LIFE_SECONDS;
        at = now;
    }

    private double rate(Instant now) {
        if (perSecond == 0) {
            return 0;
        }
        double seconds = Duration.between(at, now).toMillis() / 1000.0;
        return perSecond * Math.exp(-LN2 * Math.max(0, seconds) / HALF_LIFE_SECONDS);
    }

    /** Idle addresses that this rate uses up before others are free. */
    int needed(Duration coolDown, Instant now) {
        return (int) (rate(now) * coolDown.plus(LEAD).toSeconds());
    }
}
