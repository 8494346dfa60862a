package io.terway.agent.sandbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Where the time of one call goes. One thread. */
public final class Stopwatch {

    private final long begun = System.nanoTime();
    private final List<String> laps = new ArrayList<>();
    private long last = begun;

    /** Names what was done since the last lap. */
    void lap(String stage) {
        long now = System.nanoTime();
        laps.add(stage + " " + millis(now - last));
        last = now;
    }

    Duration total() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** {@code 3.21 ms (parse 0.10, propose 0.90, ...)}. */
    @Override
    public String toString() {
        return millis(System.nanoTime() - begun) + " ms (" + String.join(", ", laps) + ")";
    }

    private static String millis(long nanos) {
        long hundredths = (nanos + 5_000) / 10_000;
        return hundredths / 100 + "." + hundredths / 10 % 10 + hundredths % 10;
    }
}
