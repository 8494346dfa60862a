package io.terway.eni.ecs;

import io.terway.eni.Action;
import io.terway.eni.RetryBudget;
import io.terway.eni.TokenBucket;
import io.terway.eni.Tuning;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The token bucket of each action and the retry budget of all, shared by every caller in the process. A change of the
 * configured rates takes hold with the next call.
 */
public final class Pace {

    private final Supplier<Tuning> tuning;

    // guarded by this
    private final Map<Action, TokenBucket> buckets = new EnumMap<>(Action.class);
    // guarded by this
    private final RetryBudget budget = new RetryBudget();
    // guarded by this
    private Tuning.Rates applied;

    public Pace(Supplier<Tuning> tuning) {
        this.tuning = tuning;
    }

    private TokenBucket bucket(Action action, long nowNanos) {
        Tuning.Rates rates = tuning.get().rates();
        if (!rates.equals(applied)) {
            for (Action one : Action.values()) {
                boolean same = applied != null && rates.burst() == applied.burst() && rates.of(one) == applied.of(one);
                if (!same) {
                    buckets.put(one, new TokenBucket(rates.of(one), rates.burst(), nowNanos));
                }
            }
            applied = rates;
        }
        return buckets.get(action);
    }

    synchronized TokenBucket.Turn take(Action action, long nowNanos) {
        return bucket(action, nowNanos).take(nowNanos);
    }

    synchronized void throttled(Action action, long nowNanos) {
        bucket(action, nowNanos).throttled(nowNanos);
    }

    synchronized void succeeded(Action action, long nowNanos) {
        bucket(action, nowNanos).succeeded(nowNanos);
    }

    synchronized void called() {
        budget.called();
    }

    synchronized boolean tryRetry() {
        return budget.tryRetry();
    }
}
