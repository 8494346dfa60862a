package io.terway.agent.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.terway.node.policy.L7Marks;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Connects to where a request goes: from the client's own address, with the mark that policy knows the proxy by. */
final class Connector {

    private final Sockets sockets;
    private final ProxyLimits limits;

    Connector(Sockets sockets, ProxyLimits limits) {
        this.sockets = sockets;
        this.limits = limits;
    }

    /** A connection of HTTP/1 that brings its responses to the exchange. */
    ChannelFuture http1(EventLoop loop, InetSocketAddress from, InetSocketAddress to, Exchange exchange) {
        return connect(
                loop,
                from,
                to,
                false,
                channel -> channel.pipeline()
                        .addLast("codec", new HttpClientCodec(StrictRequestDecoder.config(limits), true, false))
                        .addLast(Paced.NAME, new Paced(true))
                        .addLast("exchange", new ResponseReader(exchange)));
    }

    /** A connection of HTTP/2, on which streams are opened. */
    ChannelFuture http2(EventLoop loop, InetSocketAddress from, InetSocketAddress to) {
        return connect(
                loop,
                from,
                to,
                true,
                channel -> channel.pipeline()
                        .addLast(Http2FrameCodecBuilder.forClient()
                                .initialSettings(Http2Settings.defaultSettings()
                                        .pushEnabled(false)
                                        .maxHeaderListSize(limits.headerBytes()))
                                .encoderEnforceMaxConcurrentStreams(true)
                                .build())
                        .addLast(new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel pushed) {
                                pushed.close(); // was switched off
                            }
                        }))
                        .addLast(new EndOnFault()));
    }

    private ChannelFuture connect(
            EventLoop loop,
            InetSocketAddress from,
            InetSocketAddress to,
            boolean autoRead,
            Consumer<Channel> handlers) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(sockets::connecting)
                .option(EpollChannelOption.IP_TRANSPARENT, true)
                .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
                .option(Sockets.MARK, L7Marks.UPSTREAM_BIT)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, autoRead)
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(limits.connect().toMillis()))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        handlers.accept(channel);
                    }
                })
                .connect(to, new InetSocketAddress(from.getAddress(), 0));
    }
}
