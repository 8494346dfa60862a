package io.terway.ipam;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON as people write it into a ConfigMap: with {@code //} and {@code /* *}{@code /} comments, blank lines and trailing
 * commas. Objects become ordered maps, numbers keep their text. One reader for the service and for the offline check.
 */
public final class JsonText {

    private static final int DEEPEST = 32;

    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /** The text is not JSON; the message names line and column. */
    public static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** Reads one object. */
    public static Map<String, Object> object(String text) throws Malformed {
        JsonText reader = new JsonText(text);
        reader.skip();
        if (reader.peek() != '{') {
            throw reader.wrong("an object { ... }");
        }
        Map<String, Object> object = reader.object(0);
        reader.skip();
        if (reader.at < text.length()) {
            throw reader.wrong("nothing after the object");
        }
        return object;
    }

    private Object value(int depth) throws Malformed {
        if (depth > DEEPEST) {
            throw wrong("at most " + DEEPEST + " levels");
        }
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            default -> literal();
        };
    }

    private Map<String, Object> object(int depth) throws Malformed {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        for (skip(); peek() != '}'; skip()) {
            if (peek() != '"') {
                throw wrong("a key in double quotes, or }");
            }
            String key = string();
            skip();
            expect(':');
            skip();
            if (object.put(key, value(depth + 1)) != null) {
                throw wrong("the key \"" + key + "\" once");
            }
            separator('}');
        }
        at++;
        return object;
    }

    private List<Object> array(int depth) throws Malformed {
        List<Object> array = new ArrayList<>();
        at++;
        for (skip(); peek() != ']'; skip()) {
            array.add(value(depth + 1));
            separator(']');
        }
        at++;
        return array;
    }

    private void separator(char end) throws Malformed {
        skip();
        if (peek() != end) {
            expect(',');
        }
    }

    private String string() throws Malformed {
        StringBuilder out = new StringBuilder();
        at++;
        for (; peek() != '"'; at++) {
            char c = peek();
            if (c == 0 || c == '\n') {
                throw wrong("the end of the text in quotes");
            }
            if (c == '\\') {
                at++;
                out.append(escape());
            } else {
                out.append(c);
            }
        }
        at++;
        return out.toString();
    }

    private char escape() throws Malformed {
        return switch (peek()) {
            case '"', '\\', '/' -> peek();
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                String digits = text.substring(Math.min(at + 1, text.length()), Math.min(at + 5, text.length()));
                if (!digits.matches("[0-9a-fA-F]{4}")) {
                    throw wrong("four hexadecimal digits after \\u");
                }
                at += 4;
                yield (char) Integer.parseInt(digits, 16);
            }
            default -> throw wrong("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash");
        };
    }

    /** A number by its digits, true, false or null. */
    private Object literal() throws Malformed {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(peek()) || "+-.".indexOf(peek()) >= 0)) {
            at++;
        }
        String word = text.substring(start, at);
        switch (word) {
            case "true":
                return Boolean.TRUE;
            case "false":
                return Boolean.FALSE;
            case "null":
                return Null.VALUE;
            default:
                if (!word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
                    at = start;
                    throw wrong("a value");
                }
                return new Number(word);
        }
    }

    /** JSON's null, which deletes a key in a merge. */
    enum Null {
        VALUE
    }

    /** A number as it was written. */
    record Number(String digits) {

        @Override
        public String toString() {
            return digits;
        }
    }

    private void skip() throws Malformed {
        while (at < text.length()) {
            if (Character.isWhitespace(peek()) || peek() == '\uFEFF') {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                if (end < 0) {
                    throw wrong("the end of the comment");
                }
                at = end + 2;
            } else {
                return;
            }
        }
    }

    private void expect(char c) throws Malformed {
        if (peek() != c) {
            throw wrong("'" + c + "'");
        }
        at++;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private Malformed wrong(String expected) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < Math.min(at, text.length()); i++) {
            column = text.charAt(i) == '\n' ? 1 : column + 1;
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new Malformed("line " + line + ", column " + column + ": found " + found + ", expected " + expected);
    }
}
