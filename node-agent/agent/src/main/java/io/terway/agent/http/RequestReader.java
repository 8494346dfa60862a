package io.terway.agent.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.terway.node.http.Request;
import io.terway.node.http.RequestTarget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A request as the core judges it. */
final class RequestReader {

    private RequestReader() {}

    /** @throws IllegalArgumentException when it is none that can be passed on; says why */
    static Request read(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            throw new IllegalArgumentException(request.decoderResult().cause());
        }
        if (request.method().equals(HttpMethod.CONNECT)) {
            throw new IllegalArgumentException("CONNECT is not passed on");
        }
        if (request.headers().getAll(HttpHeaderNames.HOST).size() > 1) {
            throw new IllegalArgumentException("not exactly one Host");
        }
        RequestTarget target = RequestTarget.of(request.uri());
        Map<String, List<String>> headers = new HashMap<>();
        request.headers()
                .forEach(header -> headers.computeIfAbsent(
                                header.getKey().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(header.getValue()));
        return new Request(
                request.method().name(),
                target,
                Request.hostOf(request.headers().get(HttpHeaderNames.HOST, "")),
                headers);
    }
}
