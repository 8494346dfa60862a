package io.terway.eni.sim.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The faults in force. The same seed and the same calls meet the same fates. Not thread-safe. */
public final class FaultPlan {

    /** Rules in force at most. */
    public static final int LIMIT = 100;

    private final List<Armed> armed = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom(1);

    /** Replaces every rule. */
    public void set(long seed, List<FaultRule> rules) {
        if (rules.size() > LIMIT) {
            throw new IllegalArgumentException("at most " + LIMIT + " faults fit, not " + rules.size());
        }
        random = new SplittableRandom(seed);
        armed.clear();
        rules.forEach(rule -> armed.add(new Armed(rule)));
    }

    /** Rules beside those in force, which go on as they are. */
    public void add(List<FaultRule> rules) {
        if (armed.size() + rules.size() > LIMIT) {
            throw new IllegalArgumentException("at most " + LIMIT + " faults fit");
        }
        rules.forEach(rule -> armed.add(new Armed(rule)));
    }

    /** Calls that the rules in force have hit. */
    public int struck() {
        return armed.stream().mapToInt(one -> one.hits).sum();
    }

    public List<FaultRule> rules() {
        return armed.stream().map(a -> a.rule).toList();
    }

    /** The first effect that hits this call, if any does. */
    public Optional<Effect> strike(String action, Instant now) {
        for (Armed one : armed) {
            if (one.rule.concerns(action) && one.hits(action, random, now)) {
                return Optional.of(one.rule.effect());
            }
        }
        return Optional.empty();
    }

    private static final class Armed {

        private final FaultRule rule;
        private int hits;
        private final Map<String, Bucket> buckets = new HashMap<>();

        Armed(FaultRule rule) {
            this.rule = rule;
        }

        boolean hits(String action, SplittableRandom random, Instant now) {
            boolean spent = rule.times() > 0 && hits >= rule.times();
            if (spent || rule.probability() < 1 && random.nextDouble() >= rule.probability()) {
                return false;
            }
            if (rule.effect() instanceof Effect.Throttle throttle
                    && buckets.computeIfAbsent(action, name -> new Bucket()).admits(throttle, now)) {
                return false;
            }
            hits++;
            return true;
        }
    }

    /** Calls are throttled by action, also where one rule is for all of them. */
    private static final class Bucket {

        private double allowance;
        private Instant refilled = Instant.EPOCH;

        boolean admits(Effect.Throttle throttle, Instant now) {
            double size = Math.max(1, throttle.burst());
            double seconds = Math.max(0, Duration.between(refilled, now).toMillis() / 1000.0);
            allowance = Math.min(size, allowance + seconds * throttle.qps());
            refilled = now;
            if (allowance < 1) {
                return false;
            }
            allowance--;
            return true;
        }
    }
}
