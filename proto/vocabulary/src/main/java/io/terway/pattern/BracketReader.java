package io.terway.pattern;

import java.util.BitSet;
import java.util.function.IntConsumer;

/** Reads what stands between brackets. */
final class BracketReader {

    private final String text;
    private final IntConsumer end;
    private int at;

    /** @param end gets where the text goes on behind the bracket */
    BracketReader(String text, int at, IntConsumer end) {
        this.text = text;
        this.at = at;
        this.end = end;
    }

    Chars read() {
        boolean not = at < text.length() && text.charAt(at) == '^';
        at += not ? 1 : 0;
        Chars all = new Chars(new BitSet(), false);
        int first = at;
        while (true) {
            char c = peek();
            if (c == ']' && at > first) {
                break;
            }
            all = all.or(item(c));
        }
        end.accept(at + 1);
        return not ? all.not() : all;
    }

    private Chars item(char c) {
        if (c == '[' && at + 1 < text.length() && ":.=".indexOf(text.charAt(at + 1)) >= 0) {
            return named();
        }
        if (c == '\\') {
            Chars known = at + 1 < text.length() ? Chars.escapeOrNull(text.charAt(at + 1)) : null;
            if (known != null) {
                at += 2;
                return known;
            }
        }
        int from = single();
        if (peek() != '-' || at + 1 < text.length() && text.charAt(at + 1) == ']') {
            return Chars.range(from, from);
        }
        at++;
        if (peek() == '[' && at + 1 < text.length() && ":.=".indexOf(text.charAt(at + 1)) >= 0) {
            throw wrong("a range ends in a class");
        }
        int to = single();
        if (to < from) {
            throw wrong("range " + (char) from + "-" + (char) to + " goes down");
        }
        return Chars.range(from, to);
    }

    private int single() {
        char c = peek();
        at++;
        if (c == '\\') {
            c = peek();
            at++;
            if (Character.isLetterOrDigit(c)) {
                throw wrong("'\\" + c + "' is no POSIX extended regular expression");
            }
        }
        if (c >= Chars.LISTED) {
            throw wrong("'" + c + "' is outside of Latin-1");
        }
        return c;
    }

    private Chars named() {
        int close = text.indexOf(":]", at);
        if (text.charAt(at + 1) != ':' || close < 0) {
            throw wrong("of [: [. and [= only classes as [:alpha:] are known");
        }
        String name = text.substring(at + 2, close);
        at = close + 2;
        return Chars.named(name);
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("a '[' is not closed");
        }
        return text.charAt(at);
    }

    private IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException("pattern '" + text + "': " + why);
    }
}
