package io.terway.pattern;

/**
 * A POSIX extended regular expression over a whole text. Matching takes time in proportion to text times expression,
 * whatever both are: every way through the expression is followed at once. Beyond POSIX the classes {@code \d \s \w} and
 * their opposites are known, and a backslash in a bracket expression quotes, because policies are written so.
 *
 * <p>Immutable; any thread.
 */
public final class Ere {

    /** Longest expression in characters. */
    public static final int LONGEST = 512;

    private final String text;
    private final Automaton automaton;

    private Ere(String text, Automaton automaton) {
        this.text = text;
        this.automaton = automaton;
    }

    /** @throws IllegalArgumentException when it is no such expression, or unfolds into too many steps; says where */
    public static Ere of(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a pattern has " + text.length() + " characters, at most " + LONGEST + " are allowed");
        }
        return new Ere(text, new EreParser(text).parse());
    }

    /** True when the expression describes all of it. */
    public boolean matches(CharSequence whole) {
        return automaton.matches(whole);
    }

    @Override
    public String toString() {
        return text;
    }
}
