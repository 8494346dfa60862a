package io.terway.eni;

import io.terway.eni.CloudFailure.AlreadyGone;
import io.terway.eni.CloudFailure.AlreadyThere;
import io.terway.eni.CloudFailure.Busy;
import io.terway.eni.CloudFailure.DryRunPassed;
import io.terway.eni.CloudFailure.Forbidden;
import io.terway.eni.CloudFailure.Invalid;
import io.terway.eni.CloudFailure.NotFound;
import io.terway.eni.CloudFailure.NotOurs;
import io.terway.eni.CloudFailure.OutcomeUnknown;
import io.terway.eni.CloudFailure.QuotaReached;
import io.terway.eni.CloudFailure.Throttled;
import io.terway.eni.CloudFailure.TokenBurnt;
import io.terway.eni.CloudFailure.Transient;
import io.terway.eni.CloudFailure.Unrecognised;
import io.terway.eni.CloudFailure.VSwitchExhausted;
import io.terway.eni.CloudFailure.WrongState;
import java.time.Duration;

/** Whether and when one cloud call is repeated, by the class of its failure. The only retry on the way to the cloud. */
public final class RetryPolicy {

    /** What to do after a failed attempt. */
    public sealed interface Decision {

        /** Repeat the same call, same token. */
        record Again(Duration after) implements Decision {}

        /** Hand the failure up. */
        record GiveUp() implements Decision {}
    }

    /** Attempts of one call, the first included, when throttled. */
    public static final int MAX_THROTTLED = 8;

    /** Attempts of one call, the first included, for every other class that is repeated. */
    public static final int MAX_OTHERS = 4;

    private static final Duration THROTTLED_BASE = Duration.ofMillis(500);
    private static final Duration OTHERS_BASE = Duration.ofMillis(200);

    /** Longest pause between two attempts. */
    public static final Duration MAX_PAUSE = Duration.ofSeconds(10);

    private RetryPolicy() {}

    /**
     * @param attempt number of the attempt that failed, from 1
     * @param random from [0, 1), spreads the pause over its upper half
     * @param left time until the call's deadline: a retry that could not finish before it is not made
     */
    public static Decision decide(CloudFailure failure, Action action, int attempt, double random, Duration left) {
        return switch (failure) {
            case Throttled _ -> again(attempt, MAX_THROTTLED, THROTTLED_BASE, random, left);
            case Transient _, Busy _ -> again(attempt, MAX_OTHERS, OTHERS_BASE, random, left);
            case OutcomeUnknown _ ->
                action.repeatable() ? again(attempt, MAX_OTHERS, OTHERS_BASE, random, left) : new Decision.GiveUp();
            case TokenBurnt _,
                    VSwitchExhausted _,
                    QuotaReached _,
                    WrongState _,
                    NotFound _,
                    AlreadyThere _,
                    AlreadyGone _,
                    NotOurs _,
                    Forbidden _,
                    Invalid _,
                    DryRunPassed _,
                    Unrecognised _ -> new Decision.GiveUp();
        };
    }

    private static Decision again(int attempt, int limit, Duration base, double random, Duration left) {
        double full = base.toMillis() * Math.pow(2, Math.min(attempt - 1, 20));
        long millis = (long) (Math.min(full, MAX_PAUSE.toMillis()) * (0.5 + random / 2));
        Duration pause = Duration.ofMillis(millis);
        return attempt >= limit || pause.compareTo(left) >= 0 ? new Decision.GiveUp() : new Decision.Again(pause);
    }
}
