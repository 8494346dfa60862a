package io.terway.agent.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/** Brings what the server says to the client that asked; one message at a time, when the client can take it. */
final class ResponseReader extends ChannelInboundHandlerAdapter {

    private final Exchange exchange;
    private boolean interim;

    ResponseReader(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Turn turn = exchange.turn();
        if (turn == null) {
            ReferenceCountUtil.release(message);
            ctx.close(); // an answer nobody asked for
            return;
        }
        switch (message) {
            case HttpResponse response -> head(ctx, turn, response);
            case HttpContent content -> body(ctx, turn, content);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void head(ChannelHandlerContext ctx, Turn turn, HttpResponse response) {
        HttpResponseStatus status = response.status();
        boolean leaves = status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
        if (response.decoderResult().isFailure() || leaves && !turn.websocket || turn.responseBegun) {
            ReferenceCountUtil.release(response);
            exchange.fail(HttpResponseStatus.BAD_GATEWAY, "the server's answer cannot be read");
        } else if (leaves) {
            exchange.leaveHttp(headOf(response));
            ReferenceCountUtil.release(response);
        } else if (status.codeClass() == HttpStatusClass.INFORMATIONAL) {
            interim = !(response instanceof LastHttpContent);
            if (!turn.isHead()) {
                exchange.say(headOf(response));
            }
            ReferenceCountUtil.release(response);
            ctx.read();
        } else {
            begin(ctx, turn, response);
        }
    }

    private static FullHttpResponse headOf(HttpResponse response) {
        return new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                response.status(),
                Unpooled.EMPTY_BUFFER,
                response.headers().copy(),
                new DefaultHttpHeaders());
    }

    private void begin(ChannelHandlerContext ctx, Turn turn, HttpResponse response) {
        turn.responseBegun = true;
        if (!exchange.isStream()) {
            boolean delimited = turn.isHead()
                    || isBodiless(response.status())
                    || HttpUtil.isContentLengthSet(response)
                    || HttpUtil.isTransferEncodingChunked(response);
            turn.last |= !HttpUtil.isKeepAlive(response) || !delimited;
        }
        HopByHop.remove(response.headers());
        if (turn.last) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        deliver(ctx, response, response instanceof LastHttpContent);
    }

    private static boolean isBodiless(HttpResponseStatus status) {
        return status.equals(HttpResponseStatus.NO_CONTENT) || status.equals(HttpResponseStatus.NOT_MODIFIED);
    }

    private void body(ChannelHandlerContext ctx, Turn turn, HttpContent content) {
        if (interim) { // the empty body of an interim response
            interim = false;
            ReferenceCountUtil.release(content);
            ctx.read();
        } else if (!turn.responseBegun || content.decoderResult().isFailure()) {
            ReferenceCountUtil.release(content);
            exchange.close();
        } else {
            deliver(ctx, content, content instanceof LastHttpContent);
        }
    }

    private void deliver(ChannelHandlerContext ctx, Object message, boolean last) {
        boolean room = exchange.say(message);
        if (last) {
            exchange.answered();
        }
        if (last || room) {
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        exchange.serverHasRoom();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        exchange.serverClosed(ctx.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
