package io.terway.cni;

import java.util.Objects;

/** A CNI call cannot be answered as asked. Caught at one place, which makes the error object of it. */
public final class CniFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final CniCode code;

    /** @param message what, which object, what to do; for people */
    public CniFailure(CniCode code, String message) {
        super(message, null, false, false); // an answer, not a bug: nobody reads its stack
        this.code = Objects.requireNonNull(code, "code");
    }

    public CniCode code() {
        return code;
    }
}
