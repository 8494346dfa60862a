package io.terway.eni;

/**
 * Keeps retries a share of the calls, so that a sick cloud is not also stormed. Each call pays in
 * {@link #PER_CALL}, each retry takes 1. Not thread-safe.
 */
public final class RetryBudget {

    /** Retries saved up at most, and at the start. */
    public static final double CAPACITY = 40;

    /** Retries that one first attempt earns. */
    public static final double PER_CALL = 0.25;

    private double saved = CAPACITY;

    /** A first attempt was made. */
    public void called() {
        saved = Math.min(CAPACITY, saved + PER_CALL);
    }

    /** True when a retry may be made; it is then paid. */
    public boolean tryRetry() {
        if (saved < 1) {
            return false;
        }
        saved -= 1;
        return true;
    }
}
