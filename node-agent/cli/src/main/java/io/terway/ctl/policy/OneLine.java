package io.terway.ctl.policy;

import java.util.stream.Collectors;

/** Text of others in our messages: one line each, and nothing in it that a terminal obeys. */
final class OneLine {

    private static final int LONGEST = 300;

    private OneLine() {}

    /** White space made blanks, the rest escaped, and not longer than a line should be. */
    static String of(String text) {
        String line = escaped(String.valueOf(text).replaceAll("\\s+", " ").strip());
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 3) + "...";
    }

    /** Each line of a text by itself. */
    static String lines(String text) {
        return text.lines().map(OneLine::escaped).map(line -> line + "\n").collect(Collectors.joining());
    }

    /** Control characters, and those that turn the direction of writing, as numbers. */
    static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> out.append(String.format("\\u%04x", c));
                default -> out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
