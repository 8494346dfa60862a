package io.terway.policy.read;

/** A value that means nothing to us; the message names its path. */
public final class Unreadable extends RuntimeException {

    private static final long serialVersionUID = 1;

    Unreadable(Field field, String why) {
        super(field.path() + ": " + why);
    }
}
