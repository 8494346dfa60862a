package io.terway.ctl;

/** The agent did not give what was asked; one line says what to do. */
final class AgentFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** sysexits.h: EX_UNAVAILABLE. */
    static final int UNREACHABLE = 69;

    /** sysexits.h: EX_SOFTWARE. */
    static final int REFUSED = 70;

    private final int exitCode;

    AgentFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
