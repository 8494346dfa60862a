package io.terway.eni.sim.fault;

import java.util.Objects;

/**
 * One fault.
 *
 * @param action the action it hits, or {@code *}
 * @param probability 0 to 1, of hitting a call
 * @param times how often it hits at most; 0 means without end
 */
public record FaultRule(String action, Effect effect, double probability, int times) {

    public FaultRule {
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(effect, "effect");
        if (!(probability >= 0 && probability <= 1) || times < 0) {
            throw new IllegalArgumentException("a fault needs a probability of 0 to 1 and times >= 0");
        }
    }

    /** Hits every call of {@code action}. */
    public static FaultRule always(String action, Effect effect) {
        return new FaultRule(action, effect, 1, 0);
    }

    /** Hits the next call of {@code action} only. */
    public static FaultRule once(String action, Effect effect) {
        return new FaultRule(action, effect, 1, 1);
    }

    boolean concerns(String name) {
        return action.equals("*") || action.equals(name);
    }
}
