package io.terway.agent.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.terway.node.http.Request;
import io.terway.node.http.Ruling;
import java.util.Optional;

/**
 * One request and its response after the other, on one channel of a client's: judged, passed on, answered. At any time one
 * message is on its way in each direction, and the next is asked for when the other side has room. On its channel's event
 * loop.
 */
final class Exchange extends ChannelInboundHandlerAdapter {

    private final ProxyConnection connection;
    private final Upstreams upstreams;
    private final ClientWire wire;
    private ChannelHandlerContext client;
    private Channel server; // null until there is one
    private HttpRequest unsent; // null but while the server is called
    private Turn turn; // null between two of them
    private boolean over;

    Exchange(ProxyConnection connection, Upstreams upstreams, ClientWire wire) {
        this.connection = connection;
        this.upstreams = upstreams;
        this.wire = wire;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        client = ctx;
        connection.began(this);
        if (ctx.channel().isActive() && ctx.channel().isRegistered()) {
            ctx.read();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (over) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest head) {
            begin(head);
        } else {
            body((HttpContent) message);
        }
    }

    private void begin(HttpRequest head) {
        wire.hasRequest(head.method().equals(HttpMethod.HEAD));
        Request request;
        try {
            request = RequestReader.read(head);
        } catch (IllegalArgumentException e) {
            ReferenceCountUtil.release(head);
            malformed(e.getCause() == null ? e : e.getCause());
            return;
        }
        switch (connection.judge(request)) {
            case Ruling.Accepted _ -> pass(head, request);
            case Ruling.Refused refused -> refuse(head, refused);
        }
    }

    private void refuse(HttpRequest head, Ruling.Refused refused) {
        connection.refused(refused);
        FullHttpResponse reply = Replies.refused(refused);
        boolean whole = head instanceof LastHttpContent;
        // A client that waits for leave to send its body may now leave it out: where the next request begins is
        // unknown.
        boolean waits = HttpUtil.is100ContinueExpected(head) || !HttpUtil.isKeepAlive(head);
        ReferenceCountUtil.release(head);
        if (wire.isStream() || waits) {
            end(reply);
            return;
        }
        client.writeAndFlush(reply);
        if (whole) {
            next();
        } else {
            client.pipeline().addBefore(client.name(), null, new Discard(this::next));
            client.read();
        }
    }

    private void pass(HttpRequest head, Request request) {
        connection.metrics().accepted();
        boolean modern = head.protocolVersion().equals(HttpVersion.HTTP_1_1);
        boolean websocket = !wire.isStream() && modern && HopByHop.isWebsocket(head.headers());
        turn = new Turn(request, websocket, !wire.isStream() && (!modern || !HttpUtil.isKeepAlive(head)));
        HopByHop.remove(head.headers());
        if (websocket) {
            head.headers()
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        }
        unsent = head;
        upstreams.open(this).addListener((Future<Channel> opened) -> opened(opened));
    }

    private void opened(Future<Channel> opened) {
        if (over) {
            if (opened.isSuccess()) {
                opened.getNow().close();
            }
        } else if (opened.isSuccess()) {
            server = opened.getNow();
            turn.requestEnded = unsent instanceof LastHttpContent;
            server.writeAndFlush(unsent);
            unsent = null;
            server.read();
            if (!turn.requestEnded) {
                client.read();
            }
        } else {
            ReferenceCountUtil.release(unsent);
            unsent = null;
            boolean late = opened.cause() instanceof ConnectTimeoutException;
            fail(
                    late ? HttpResponseStatus.GATEWAY_TIMEOUT : HttpResponseStatus.BAD_GATEWAY,
                    "the server does not accept the connection");
        }
    }

    private void body(HttpContent content) {
        if (content.decoderResult().isFailure()) {
            ReferenceCountUtil.release(content);
            malformed(content.decoderResult().cause());
        } else if (server == null) {
            ReferenceCountUtil.release(content);
            close();
        } else {
            turn.requestEnded = content instanceof LastHttpContent;
            server.writeAndFlush(content);
            if (!turn.requestEnded && server.isWritable()) {
                client.read();
            }
        }
    }

    /** Null when nothing is under way. */
    Turn turn() {
        return over ? null : turn;
    }

    boolean isIdle() {
        return !over && turn == null && client.pipeline().get(Discard.class) == null;
    }

    boolean isStream() {
        return wire.isStream();
    }

    /** Passes this on to the client; false when it has no room for more. */
    boolean say(Object message) {
        client.writeAndFlush(message);
        return client.channel().isWritable();
    }

    /** The server's connection has room again. */
    void serverHasRoom() {
        if (!over && turn != null && server != null && !turn.requestEnded && server.isWritable()) {
            client.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!over
                && turn != null
                && turn.responseBegun
                && server != null
                && ctx.channel().isWritable()) {
            server.read();
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** The whole response is on its way to the client. */
    void answered() {
        if (!wire.isStream() && turn.requestEnded && !turn.last) {
            next();
            return;
        }
        over = true;
        if (!wire.isStream() || !turn.requestEnded) {
            client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else if (upstreams.singleUse()) {
            server.close();
        }
    }

    private void next() {
        turn = null;
        wire.expectsRequest();
        client.read();
    }

    /** The server agreed to a websocket: from now on bytes pass as they are, judged as the request was. */
    void leaveHttp(FullHttpResponse head) {
        Channel joined = server;
        client.writeAndFlush(head).addListener(written -> {
            if (written.isSuccess() && joined.isActive() && client.channel().isActive()) {
                Relay.join(client.channel(), wire, joined);
            } else {
                close();
            }
        });
    }

    void serverClosed(Channel channel) {
        if (channel != server || over) {
            return;
        }
        server = null;
        if (turn == null || turn.responseBegun) {
            close();
        } else {
            fail(HttpResponseStatus.BAD_GATEWAY, "the server closed the connection");
        }
    }

    void fail(HttpResponseStatus status, String reason) {
        connection.metrics().failed();
        end(Replies.of(status, reason));
    }

    private void malformed(Throwable cause) {
        connection.metrics().malformed();
        end(Replies.malformed(cause));
    }

    /** Says this as the last thing on the channel, or nothing where a response has begun. */
    private void end(FullHttpResponse reply) {
        over = true;
        Optional.ofNullable(server).ifPresent(Channel::close);
        if (turn != null && turn.responseBegun) {
            reply.release();
            close();
            return;
        }
        if (!wire.isStream()) {
            reply.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        client.writeAndFlush(reply).addListener(ChannelFutureListener.CLOSE);
    }

    /** Judges what is under way by the policy that is in force now. */
    void rejudge() {
        if (turn != null && connection.judge(turn.request) instanceof Ruling.Refused refused) {
            connection.refused(refused);
            close();
        }
    }

    void close() {
        over = true;
        client.channel().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over = true;
        ReferenceCountUtil.release(unsent);
        Optional.ofNullable(server).ifPresent(Channel::close);
        connection.finished(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        close();
    }
}
