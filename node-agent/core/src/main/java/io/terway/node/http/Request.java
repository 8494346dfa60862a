package io.terway.node.http;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The head of a request.
 *
 * @param target as it came: path and query
 * @param host without port; empty when none is named
 * @param headers values by name in lower case, in their order
 */
public record Request(String method, RequestTarget target, String host, Map<String, List<String>> headers) {

    public Request {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(host, "host");
        headers = Map.copyOf(headers);
    }

    /** The host of a Host header or an :authority. */
    public static String hostOf(String authority) {
        int bracket = authority.indexOf(']');
        int colon = authority.indexOf(':', Math.max(bracket, 0));
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    List<String> header(String name) {
        return headers.getOrDefault(name, List.of());
    }

    /** Hosts are the same in any case; patterns are written in one. */
    List<String> hostSpellings() {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.equals(host) ? List.of(host) : List.of(host, lower);
    }
}
