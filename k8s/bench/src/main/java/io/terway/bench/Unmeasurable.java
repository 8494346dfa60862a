package io.terway.bench;

/** The benchmark cannot run here; the message says what is missing and what to do, in one line. */
public final class Unmeasurable extends RuntimeException {

    private static final long serialVersionUID = 1;

    public Unmeasurable(String message) {
        super(message);
    }
}
