package io.terway.policy;

import io.terway.pattern.Ere;
import java.util.List;

/**
 * One kind of HTTP request; everything that is set must hold. Patterns are POSIX extended regular expressions over the
 * whole value; empty means anything.
 *
 * @param path of the request target, query included
 * @param host without port
 */
public record HttpRule(String method, String path, String host, List<Header> headers) {

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

    /** What agents cannot match is refused here, where somebody is told. */
    private static void requirePattern(String field, String pattern) {
        try {
            Ere.of(pattern);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field + ": " + e.getMessage());
        }
    }
}
