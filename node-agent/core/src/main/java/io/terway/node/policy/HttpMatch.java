package io.terway.node.policy;

import io.terway.pattern.Ere;
import java.util.List;
import java.util.Locale;

/**
 * One kind of HTTP request; all that is set must hold.
 *
 * @param method pattern over the whole method; empty: any
 * @param path pattern over the whole request target, query included; empty: any
 * @param host pattern over the whole host name, without port; empty: any
 */
public record HttpMatch(String method, String path, String host, List<Header> headers) {

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

    /** What it means is the judge's to read; one it cannot read matches nothing. */
    private static void requirePattern(String pattern) {
        if (pattern.length() > Ere.LONGEST) {
            throw new IllegalArgumentException(
                    "an HTTP pattern of " + pattern.length() + " characters; at most " + Ere.LONGEST + " are allowed");
        }
    }
}
