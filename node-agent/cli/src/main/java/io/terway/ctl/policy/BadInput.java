package io.terway.ctl.policy;

/** The question cannot be answered because of what was given; one line says what, where and what to do. Exit code 2. */
public final class BadInput extends RuntimeException {

    private static final long serialVersionUID = 1;

    public BadInput(String message) {
        super(OneLine.escaped(message));
    }
}
