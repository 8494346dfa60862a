package io.terway.lab;

/**
 * Something the lab does not do, in one line for people: what, which value, what to do. Printed as it is; never a bug.
 */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Exit code of a command that failed. */
    public static final int FAILED = 1;
    /** Exit code of a command that was written wrongly. */
    public static final int USAGE = 2;

    private final int exitCode;

    public Refusal(String line) {
        this(line, FAILED);
    }

    public Refusal(String line, int exitCode) {
        super(line, null, false, false);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
