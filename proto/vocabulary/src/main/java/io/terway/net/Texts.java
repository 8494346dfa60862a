package io.terway.net;

/** Checks shared by the identifier records. */
final class Texts {

    private Texts() {}

    /** Printable ASCII without blanks, 1 to {@code limit} characters. */
    static void requireId(String what, String value, int limit) {
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(what + " is empty");
        }
        if (value.length() > limit) {
            throw new IllegalArgumentException(
                    what + " has " + value.length() + " characters, at most " + limit + " are allowed");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c > '~') {
                throw new IllegalArgumentException(
                        what + " '" + value + "' holds a blank, control or non-ASCII character");
            }
        }
    }
}
