package io.terway.agent.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.function.Supplier;

/**
 * Finds out how a client speaks: HTTP/2 when it begins with that protocol's preface, else HTTP/1, from where it may upgrade
 * to HTTP/2. Whoever speaks HTTP/2 from the start is spoken to so by the server; one that upgraded is translated.
 */
final class ClientPipeline extends ByteToMessageDecoder {

    /** Resets in a window of so many seconds: a client that opens and resets streams costs more than it pays. */
    private static final int MOST_RESETS = 200;

    private static final int RESET_WINDOW_SECONDS = 10;

    /** Body of the request that upgrades; a larger one is refused. */
    private static final int MOST_UPGRADE_BODY = 64 * 1024;

    private static final AsciiString H2C = AsciiString.cached("h2c");

    private final ProxyConnection connection;
    private final ProxyLimits limits;

    private ClientPipeline(ProxyConnection connection, ProxyLimits limits) {
        this.connection = connection;
        this.limits = limits;
    }

    /** Sets up a connection that was just accepted. */
    static void begin(Channel channel, ProxyConnection connection, ProxyLimits limits) {
        channel.pipeline()
                .addLast(new CloseWhenIdle(limits.idle()))
                .addLast(new HeadTimer(limits.head()))
                .addLast(new ClientPipeline(connection, limits));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
        int compared = Math.min(in.readableBytes(), preface.readableBytes());
        boolean same = preface.slice(0, compared).equals(in.slice(in.readerIndex(), compared));
        if (!same) {
            http1(ctx.pipeline());
            ctx.pipeline().remove(this);
        } else if (compared == preface.readableBytes()) {
            ctx.pipeline().remove(HeadTimer.class);
            SharedConnection shared = new SharedConnection(connection);
            ctx.channel().closeFuture().addListener(_ -> shared.close());
            ctx.pipeline().addLast(frames(), streams(() -> shared), new EndOnFault());
            ctx.channel().config().setAutoRead(true);
            ctx.pipeline().remove(this);
        }
    }

    private void http1(ChannelPipeline pipeline) {
        StrictRequestDecoder decoder = new StrictRequestDecoder(limits);
        ResponseEncoder encoder = new ResponseEncoder();
        HeadTimer timer = pipeline.get(HeadTimer.class);
        Paced paced = new Paced(false);
        Exchange exchange =
                new Exchange(connection, new OwnConnection(connection, false), new ClientWire.Http1(timer, encoder));
        HttpServerUpgradeHandler.SourceCodec source = ctx -> {
            ctx.pipeline().remove(decoder);
            ctx.pipeline().remove(encoder);
        };
        pipeline.addLast(decoder, encoder)
                .addLast(new HttpServerUpgradeHandler(
                        source,
                        protocol -> AsciiString.contentEquals(H2C, protocol) && exchange.isIdle() && paced.isEmpty()
                                ? upgrade(timer, paced, exchange)
                                : null,
                        MOST_UPGRADE_BODY))
                .addLast(paced, exchange);
    }

    /**
     * The request that upgrades is the first stream's, and judged there. One that is sent before those before it are
     * answered upgrades nothing: their answers are still HTTP/1.
     */
    private HttpServerUpgradeHandler.UpgradeCodec upgrade(HeadTimer timer, Paced paced, Exchange exchange) {
        ChannelHandler streams = streams(() -> new OwnConnection(connection, true));
        return new Http2ServerUpgradeCodec(frames(), streams, new EndOnFault()) {
            @Override
            public void upgradeTo(ChannelHandlerContext ctx, FullHttpRequest request) {
                connection.finished(exchange);
                ctx.pipeline().remove(timer);
                ctx.pipeline().remove(exchange);
                ctx.pipeline().remove(paced);
                ctx.channel().config().setAutoRead(true);
                super.upgradeTo(ctx, request);
            }
        };
    }

    private Http2FrameCodec frames() {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(limits.streams())
                        .maxHeaderListSize(limits.headerBytes()))
                .decoderEnforceMaxRstFramesPerWindow(MOST_RESETS, RESET_WINDOW_SECONDS)
                .build();
    }

    private Http2MultiplexHandler streams(Supplier<Upstreams> upstreams) {
        return new Http2MultiplexHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.config().setAutoRead(false);
                stream.pipeline()
                        .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                        .addLast(new Paced(false))
                        .addLast(new Exchange(connection, upstreams.get(), new ClientWire.Stream()));
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
