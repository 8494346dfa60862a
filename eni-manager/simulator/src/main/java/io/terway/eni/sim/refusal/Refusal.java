package io.terway.eni.sim.refusal;

/**
 * The cloud refuses a call. Thrown before anything changed, so a refused call has no effect; caught in one place, where
 * it becomes the error body. Carries no stack trace: it is an answer, not a fault.
 */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String code;
    private final int status;

    public Refusal(ErrorCode code, String message) {
        this(code.wireName(), code.status(), message);
    }

    /** A refusal with a code outside the table, as a scenario may ask for. */
    public Refusal(String code, int status, String message) {
        super(message, null, false, false);
        this.code = code;
        this.status = status;
    }

    /** The cloud's code, {@code InvalidEniId.NotFound}. */
    public String code() {
        return code;
    }

    /** The HTTP status that goes with it. */
    public int status() {
        return status;
    }
}
