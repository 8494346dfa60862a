package io.terway.eni.sim.rpc;

import io.terway.eni.sim.refusal.ErrorCode;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Counts calls per action in fixed windows of a minute; a throttled action is usable again in the next one. */
public final class CallQuota {

    private static final long WINDOW_SECONDS = 60;

    private static final class Window {
        private long start;
        private int calls;
    }

    private final RateLimits limits;
    private final Map<String, Window> windows = new HashMap<>();

    public CallQuota(RateLimits limits) {
        this.limits = limits;
    }

    /** Counts a call of a known action, or refuses it. */
    public void spend(String action, Instant now) {
        Window window = windows.computeIfAbsent(action, k -> new Window());
        long start = now.getEpochSecond() / WINDOW_SECONDS;
        if (window.start != start) {
            window.start = start;
            window.calls = 0;
        }
        if (++window.calls > limits.of(action)) {
            throw ErrorCode.THROTTLED.refuse("Request was denied due to user flow control.");
        }
    }
}
