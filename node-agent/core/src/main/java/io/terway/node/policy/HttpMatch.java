package io.terway.node.policy;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One kind of HTTP request; all that is set must hold.
 *
 * @param method pattern over the whole method; empty: any
 * @param path pattern over the whole request target, query included; empty: any
 * @param host pattern over the whole host name, without port; empty: any
 */
public record HttpMatch(String method, String path, String host, List<Header> headers) {

    /** Longest pattern, as the contract says: matching time grows with it. */
    private static final int LONGEST_PATTERN = 512;

    /**
     * A header that must be there.
     *
     * @param name compared without case
     * @param value exact value of one of its lines; ignored when {@code presentOnly}
     */
    public record Header(String name, String value, boolean presentOnly) {
        public Header {
            name = name.toLowerCase(Locale.ROOT);
        }
    }

    public HttpMatch {
        headers = List.copyOf(headers);
        for (String pattern : List.of(method, path, host)) {
            requirePattern(pattern);
        }
    }

    private static void requirePattern(String pattern) {
        if (pattern.length() > LONGEST_PATTERN) {
            throw new IllegalArgumentException("an HTTP pattern of " + pattern.length() + " characters; at most "
                    + LONGEST_PATTERN + " are allowed");
        }
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("HTTP pattern '" + pattern + "': " + e.getDescription(), e);
        }
    }
}
