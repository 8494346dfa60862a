package io.terway.eni;

import java.time.Duration;

/**
 * The pace of one cloud action, learning from the cloud: throttling halves the rate, success restores it step by step.
 * A caller that finds no token reserves the next one and waits, so waiting callers are served in order. Time is passed
 * in as monotonic nanoseconds. Not thread-safe.
 */
public final class TokenBucket {

    /** The rate never falls below this share of its ceiling. */
    public static final double FLOOR_SHARE = 1.0 / 32;

    /** Each success adds this share of the ceiling to a lowered rate. */
    public static final double RESTORE_SHARE = 1.0 / 64;

    /** After a halving further throttling is put down to calls already sent, for this long. */
    public static final Duration SETTLE = Duration.ofSeconds(1);

    /** Longest wait that is handed out; a call that would wait longer is refused. */
    public static final Duration MAX_WAIT = Duration.ofSeconds(60);

    private static final double NANOS = 1e9;

    private final double ceilingPerSecond;
    private final double burst;
    private double perSecond;
    private double tokens;
    private long last;
    private long loweredAt;
    private boolean lowered;

    /** What {@link #take} answers. */
    public sealed interface Turn {

        /** Go after this long; zero is now. The token is spent. */
        record After(Duration pause) implements Turn {}

        /** The line is too long: {@code pause} is what it would have been. Nothing was spent. */
        record TooLong(Duration pause) implements Turn {}
    }

    /**
     * @param ceilingPerSecond the configured rate, never exceeded; above 0
     * @param burst calls that may go at once after a pause; at least 1
     */
    public TokenBucket(double ceilingPerSecond, int burst, long nowNanos) {
        if (!(ceilingPerSecond > 0) || burst < 1) {
            throw new IllegalArgumentException(
                    "a rate is above 0 and a burst at least 1, not " + ceilingPerSecond + "/s and " + burst);
        }
        this.ceilingPerSecond = ceilingPerSecond;
        this.burst = burst;
        this.perSecond = ceilingPerSecond;
        this.tokens = burst;
        this.last = nowNanos;
    }

    /** Takes a token, or the next one that will come. */
    public Turn take(long nowNanos) {
        refill(nowNanos);
        double missing = Math.max(0, 1 - tokens);
        Duration wait = Duration.ofNanos((long) Math.ceil(missing / perSecond * NANOS));
        if (wait.compareTo(MAX_WAIT) > 0) {
            return new Turn.TooLong(wait);
        }
        tokens -= 1;
        return new Turn.After(wait);
    }

    /** The cloud throttled a call of this action. */
    public void throttled(long nowNanos) {
        refill(nowNanos);
        tokens = Math.min(tokens, 0);
        if (lowered && nowNanos - loweredAt < SETTLE.toNanos()) {
            return;
        }
        lowered = true;
        loweredAt = nowNanos;
        perSecond = Math.max(perSecond / 2, ceilingPerSecond * FLOOR_SHARE);
    }

    /** The cloud took a call of this action. */
    public void succeeded(long nowNanos) {
        refill(nowNanos);
        perSecond = Math.min(ceilingPerSecond, perSecond + ceilingPerSecond * RESTORE_SHARE);
    }

    public double perSecond() {
        return perSecond;
    }

    private void refill(long nowNanos) {
        long elapsed = Math.max(0, nowNanos - last);
        tokens = Math.min(burst, tokens + elapsed / NANOS * perSecond);
        last = Math.max(last, nowNanos);
    }
}
