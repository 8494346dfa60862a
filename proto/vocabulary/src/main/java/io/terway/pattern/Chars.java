package io.terway.pattern;

import java.util.BitSet;

/**
 * A set of characters: listed ones below 256, and all or none of the others.
 *
 * @param others whether characters from 256 up belong to it
 */
record Chars(BitSet listed, boolean others) {

    static final int LISTED = 256;

    static Chars of(char c) {
        BitSet one = new BitSet(LISTED);
        if (c >= LISTED) {
            throw new IllegalArgumentException("the character '" + c + "' is outside of Latin-1");
        }
        one.set(c);
        return new Chars(one, false);
    }

    static Chars range(int first, int last) {
        BitSet range = new BitSet(LISTED);
        range.set(first, last + 1);
        return new Chars(range, false);
    }

    static Chars any() {
        return range(0, LISTED - 1).or(new Chars(new BitSet(), true));
    }

    /** @param letter as after a backslash, or null when it names no class */
    static Chars escapeOrNull(char letter) {
        return switch (letter) {
            case 'd' -> range('0', '9');
            case 'D' -> range('0', '9').not();
            case 's' -> named("space");
            case 'S' -> named("space").not();
            case 'w' -> named("alnum").or(of('_'));
            case 'W' -> named("alnum").or(of('_')).not();
            default -> null;
        };
    }

    /** A class of POSIX's. */
    static Chars named(String name) {
        return switch (name) {
            case "upper" -> range('A', 'Z');
            case "lower" -> range('a', 'z');
            case "alpha" -> range('A', 'Z').or(range('a', 'z'));
            case "digit" -> range('0', '9');
            case "alnum" -> named("alpha").or(named("digit"));
            case "xdigit" -> named("digit").or(range('A', 'F')).or(range('a', 'f'));
            case "punct" ->
                range('!', '/').or(range(':', '@')).or(range('[', '`')).or(range('{', '~'));
            case "graph" -> range('!', '~');
            case "print" -> range(' ', '~');
            case "blank" -> of(' ').or(of('\t'));
            case "space" -> of(' ').or(range('\t', '\r'));
            case "cntrl" -> range(0, ' ' - 1).or(range(0x7f, 0x7f));
            default -> throw new IllegalArgumentException("there is no class [:" + name + ":]");
        };
    }

    Chars or(Chars more) {
        BitSet both = (BitSet) listed.clone();
        both.or(more.listed);
        return new Chars(both, others || more.others);
    }

    Chars not() {
        BitSet rest = (BitSet) listed.clone();
        rest.flip(0, LISTED);
        return new Chars(rest, !others);
    }

    boolean contain(char c) {
        return c < LISTED ? listed.get(c) : others;
    }
}
