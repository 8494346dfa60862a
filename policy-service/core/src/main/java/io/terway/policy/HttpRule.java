package io.terway.policy;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One kind of HTTP request; everything that is set must hold. Patterns are POSIX extended regular expressions over the
 * whole value; empty means anything.
 *
 * @param path of the request target, query included
 * @param host without port
 */
public record HttpRule(String method, String path, String host, List<Header> headers) {

    private static final int PATTERN_LIMIT = 512;

    /** What Java reads otherwise than POSIX: groups with '?', lazy and possessive quantifiers, most escapes, nested sets. */
    private static final Pattern BEYOND_POSIX =
            Pattern.compile("\\(\\?|[*+?}][?+]|\\\\(?![dDsSwW])[A-Za-z0-9]|&&|\\[\\^?]?[^]]*\\[");

    /**
     * A header that must be there.
     *
     * @param name compared without case
     * @param value exact value of one of its lines; ignored when {@code presentOnly}
     */
    public record Header(String name, String value, boolean presentOnly) {
        public Header {
            if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")) {
                throw new IllegalArgumentException("header name '" + name + "' is not an HTTP token");
            }
        }
    }

    public HttpRule {
        requirePattern("method", method);
        requirePattern("path", path);
        requirePattern("host", host);
        headers = List.copyOf(headers);
    }

    private static void requirePattern(String field, String pattern) {
        if (pattern.length() > PATTERN_LIMIT) {
            throw new IllegalArgumentException(
                    field + " has " + pattern.length() + " characters, at most " + PATTERN_LIMIT + " are allowed");
        }
        if (BEYOND_POSIX.matcher(pattern).find()) {
            throw new IllegalArgumentException(field + " '" + pattern + "' is no POSIX extended regular expression");
        }
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(field + " '" + pattern + "': " + e.getDescription());
        }
    }
}
