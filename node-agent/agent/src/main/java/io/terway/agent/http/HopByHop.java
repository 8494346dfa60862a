package io.terway.agent.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Headers that are about one connection and end with it. */
final class HopByHop {

    private static final List<CharSequence> ALWAYS = List.of(
            HttpHeaderNames.CONNECTION,
            "keep-alive",
            "proxy-connection",
            "http2-settings",
            HttpHeaderNames.UPGRADE,
            ExtensionHeaderNames.STREAM_ID.text(),
            ExtensionHeaderNames.SCHEME.text(),
            ExtensionHeaderNames.PATH.text(),
            ExtensionHeaderNames.STREAM_WEIGHT.text(),
            ExtensionHeaderNames.STREAM_DEPENDENCY_ID.text(),
            ExtensionHeaderNames.STREAM_PROMISE_ID.text());

    /** What a Connection header may not take away: the body's length would be lost with it, or whom the request is for. */
    private static final Set<String> STAY =
            Set.of("host", "content-length", "transfer-encoding", "authorization", "cookie", "te");

    private HopByHop() {}

    /** True when the request asks for a websocket, which is passed on. */
    static boolean isWebsocket(HttpHeaders headers) {
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && headers.getAll(HttpHeaderNames.UPGRADE).equals(List.of(headers.get(HttpHeaderNames.UPGRADE, "")))
                && headers.get(HttpHeaderNames.UPGRADE).equalsIgnoreCase("websocket");
    }

    static void remove(HttpHeaders headers) {
        for (String line : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : line.split(",")) {
                String lower = name.strip().toLowerCase(Locale.ROOT);
                if (!lower.isEmpty() && !STAY.contains(lower)) {
                    headers.remove(lower);
                }
            }
        }
        ALWAYS.forEach(headers::remove);
        boolean trailers = headers.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true);
        headers.remove(HttpHeaderNames.TE);
        if (trailers) {
            headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
        }
    }
}
