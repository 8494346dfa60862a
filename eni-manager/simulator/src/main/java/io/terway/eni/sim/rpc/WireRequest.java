package io.terway.eni.sim.rpc;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP request as it came.
 *
 * @param query raw, without the question mark; empty when there is none
 * @param body at most what the server lets in
 * @param headers by lower-case name
 */
public record WireRequest(String method, String path, String query, Map<String, String> headers, String body) {

    public WireRequest {
        TreeMap<String, String> lower = new TreeMap<>();
        headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        headers = Map.copyOf(lower);
    }

    /** A call without headers that matter. */
    public static WireRequest plain(String method, String query, String form) {
        return new WireRequest(method, "/", query, Map.of("content-type", "application/x-www-form-urlencoded"), form);
    }

    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** Query and form merged; what version 3 of the signature carries in headers joins them under the old names. */
    public Params params() {
        boolean form = header("content-type").startsWith("application/x-www-form-urlencoded");
        Params params = Params.parse(query, form ? body : "");
        return HeaderSignature.isUsedBy(this)
                ? params.with(Map.of(
                        "Action", header("x-acs-action"),
                        "Version", header("x-acs-version"),
                        "Format", "JSON"))
                : params;
    }

    byte[] bodyBytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}
