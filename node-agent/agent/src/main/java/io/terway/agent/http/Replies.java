package io.terway.agent.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.terway.node.http.Ruling;
import java.nio.charset.StandardCharsets;

/** What the proxy says by itself. A header tells that it was the proxy, and why. */
final class Replies {

    /** Why the proxy answered in the server's place. */
    static final String REASON = "x-terway-policy";

    private static final int MOST_NAMES = 4;
    private static final int LONGEST = 512;

    private Replies() {}

    static FullHttpResponse refused(Ruling.Refused ruling) {
        String names = String.join(
                ", ", ruling.by().stream().distinct().limit(MOST_NAMES).toList());
        return of(
                HttpResponseStatus.FORBIDDEN,
                "denied " + ruling.direction().word() + (names.isEmpty() ? "" : ", no HTTP rule accepts it: " + names));
    }

    /** To what could not be read as a request. */
    static FullHttpResponse malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return of(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the request line is too long");
        }
        if (cause instanceof TooLongFrameException) {
            return of(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too large");
        }
        boolean ours = cause.getClass() == IllegalArgumentException.class && cause.getMessage() != null;
        return of(HttpResponseStatus.BAD_REQUEST, ours ? "malformed: " + cause.getMessage() : "malformed request");
    }

    static FullHttpResponse of(HttpResponseStatus status, String reason) {
        ByteBuf body = Unpooled.copiedBuffer(status.reasonPhrase() + "\n", StandardCharsets.US_ASCII);
        FullHttpResponse reply = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        reply.headers()
                .set(REASON, printable(reason))
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return reply;
    }

    /** A reason may quote what a client sent. */
    private static String printable(String reason) {
        String safe = reason.replaceAll("[^ -~]", "?");
        return safe.length() <= LONGEST ? safe : safe.substring(0, LONGEST);
    }
}
