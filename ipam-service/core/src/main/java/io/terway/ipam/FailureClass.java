package io.terway.ipam;

import java.time.Duration;

/** Why an operation of eni-manager failed, with how long to leave it alone the first time and at most. */
public enum FailureClass {
    THROTTLED(Duration.ofSeconds(5), Duration.ofMinutes(1)),
    QUOTA(Duration.ofMinutes(1), Duration.ofMinutes(10)),
    V_SWITCH_EXHAUSTED(Duration.ofSeconds(1), Duration.ofSeconds(30)),
    CONFLICT(Duration.ofSeconds(2), Duration.ofSeconds(30)),
    NOT_FOUND(Duration.ofSeconds(2), Duration.ofMinutes(1)),
    FORBIDDEN(Duration.ofSeconds(30), Duration.ofMinutes(5)),
    TRANSIENT(Duration.ofSeconds(1), Duration.ofSeconds(30)),
    INVALID(Duration.ofSeconds(30), Duration.ofMinutes(10)),
    UNKNOWN(Duration.ofSeconds(5), Duration.ofMinutes(1));

    private final Duration first;
    private final Duration most;

    FailureClass(Duration first, Duration most) {
        this.first = first;
        this.most = most;
    }

    /** Wait after the {@code attempt}-th failure in a row (from 1): doubles from the first wait up to the most. */
    public Duration backoff(int attempt) {
        Duration wait = first.multipliedBy(1L << Math.min(attempt - 1, 16));
        return wait.compareTo(most) > 0 ? most : wait;
    }
}
