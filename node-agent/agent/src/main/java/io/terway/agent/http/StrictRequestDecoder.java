package io.terway.agent.http;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/**
 * Reads requests of HTTP/1. What two parties could cut into different requests is no request: it becomes a failed one, and
 * nothing after it is read.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {

    private static final int CHUNK = 8 * 1024;

    StrictRequestDecoder(ProxyLimits limits) {
        super(config(limits));
    }

    static HttpDecoderConfig config(ProxyLimits limits) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.lineBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setMaxChunkSize(CHUNK)
                .setStrictLineParsing(true);
    }

    /** Called when the headers are complete and before the body is looked for; a throw makes the request a failed one. */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        HttpHeaders headers = message.headers();
        boolean modern = message.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (!modern && !message.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            throw new IllegalArgumentException("neither HTTP/1.1 nor HTTP/1.0");
        }
        List<String> coding = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!coding.isEmpty()) {
            if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
                throw new IllegalArgumentException("both Transfer-Encoding and Content-Length");
            }
            if (!modern || coding.size() > 1 || !coding.getFirst().strip().equalsIgnoreCase("chunked")) {
                throw new IllegalArgumentException("a Transfer-Encoding other than chunked");
            }
        }
        int hosts = headers.getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1 || modern && hosts == 0) {
            throw new IllegalArgumentException("not exactly one Host");
        }
        return super.isContentAlwaysEmpty(message);
    }
}
