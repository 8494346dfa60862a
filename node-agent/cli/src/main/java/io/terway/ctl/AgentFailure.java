package io.terway.ctl;

/** The agent did not give what was asked; one line says what to do. */
public final class AgentFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** sysexits.h: EX_UNAVAILABLE. */
    public static final int UNREACHABLE = 69;

    /** sysexits.h: EX_SOFTWARE. */
    public static final int REFUSED = 70;

    private final int exitCode;

    public AgentFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
