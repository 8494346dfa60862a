package io.terway.node.http;

import java.util.List;
import java.util.Objects;

/**
 * What a request is for, in every way a server may read it: servers differ in whether they decode "%2F", and whether "//"
 * is "/". A rule must accept each reading, so that no spelling gets behind it. What could climb ("..", in any spelling) is
 * no target at all: honest clients resolve it before they ask.
 *
 * @param text as it came
 * @param readings as it came, and decoded
 */
public record RequestTarget(String text, List<String> readings) {

    private static final int HEX = 16;
    private static final int ENCODED = 3;
    private static final int DELETE = 0x7f;

    public RequestTarget {
        Objects.requireNonNull(text, "text");
        readings = List.copyOf(readings);
    }

    /** @throws IllegalArgumentException when it is no path, or one that servers read differently; says why */
    public static RequestTarget of(String text) {
        if (text.equals("*")) {
            return new RequestTarget(text, List.of(text));
        }
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("the request target is not a path");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= DELETE || c == '#') {
                throw new IllegalArgumentException("the request target has a character that must be encoded");
            }
        }
        int query = text.indexOf('?');
        String path = query < 0 ? text : text.substring(0, query);
        String decoded = decoded(path);
        refuseClimbing(decoded);
        String other = merged(decoded) + (query < 0 ? "" : text.substring(query));
        return new RequestTarget(text, other.equals(text) ? List.of(text) : List.of(text, other));
    }

    /** ASCII decoded, a backslash as the slash that some servers take it for. */
    private static String decoded(String path) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                int value = encoded(path, i);
                if (value < ' ' || value == DELETE) {
                    throw new IllegalArgumentException("the path has an encoded control character");
                }
                if (value > DELETE) {
                    out.append(path, i, i + ENCODED);
                } else {
                    out.append(value == '\\' ? '/' : (char) value);
                }
                i += ENCODED - 1;
            } else {
                out.append(c == '\\' ? '/' : c);
            }
        }
        return out.toString();
    }

    private static int encoded(String path, int at) {
        int high = at + 2 < path.length() ? Character.digit(path.charAt(at + 1), HEX) : -1;
        int low = at + 2 < path.length() ? Character.digit(path.charAt(at + 2), HEX) : -1;
        if (high < 0 || low < 0) {
            throw new IllegalArgumentException("the path has a '%' without two hexadecimal digits");
        }
        return high * HEX + low;
    }

    /** Some servers drop what follows ';' in a segment before they resolve it. */
    private static void refuseClimbing(String decoded) {
        for (String segment : decoded.split("/", -1)) {
            int parameter = segment.indexOf(';');
            String name = parameter < 0 ? segment : segment.substring(0, parameter);
            if (name.equals(".") || name.equals("..")) {
                throw new IllegalArgumentException("the path has a segment '.' or '..'");
            }
        }
    }

    private static String merged(String path) {
        return path.indexOf("//") < 0 ? path : path.replaceAll("/{2,}", "/");
    }
}
