package io.terway.agent.flow;

import io.terway.link.RotatingLines;
import java.time.Duration;

/**
 * How much the flow log tells.
 *
 * @param oneIn of so many accepted connections one is written, chosen at random
 * @param perSecond lines at most
 * @param maxFileBytes a file is closed when it has grown beyond this
 * @param maxFiles closed files kept
 */
public record FlowLimits(int oneIn, int perSecond, long maxFileBytes, int maxFiles) {

    private static final int MOST_ONE_IN = 1_000_000;
    private static final int MOST_PER_SECOND = 10_000;

    /** Room permitting. */
    private static final Duration RETENTION = Duration.ofDays(7);

    public FlowLimits {
        require("one-in", oneIn, MOST_ONE_IN);
        require("per-second", perSecond, MOST_PER_SECOND);
        require("max-file-bytes", maxFileBytes, Long.MAX_VALUE);
        require("max-files", maxFiles, 1_000);
    }

    private static void require(String key, long value, long most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("terway.flow-log." + key + " is " + value + "; it must be in 1.." + most
                    + ", or one-in 0 for no log");
        }
    }

    RotatingLines.Limits files() {
        return new RotatingLines.Limits(maxFileBytes, maxFiles, RETENTION);
    }
}
