package io.terway.agent.ledger;

/** A fact cannot be recorded, so what depends on it must not happen. The message says why and what to do. */
public final class LedgerUnusable extends RuntimeException {

    private static final long serialVersionUID = 1;

    public LedgerUnusable(String message, Throwable cause) {
        super(message, cause);
    }
}
