package io.terway.sim;

/** An invariant does not hold. */
final class Broken extends AssertionError {

    private static final long serialVersionUID = 1;

    /** @param invariant its number in the design, 0 for a liveness check of calm times */
    Broken(int invariant, String what) {
        super("invariant " + invariant + ": " + what);
    }
}
