package io.terway.agent.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/** One connection of HTTP/2 to the server for all streams of one client's connection. */
final class SharedConnection implements Upstreams {

    private final ProxyConnection connection;
    private Promise<Channel> parent;

    SharedConnection(ProxyConnection connection) {
        this.connection = connection;
    }

    @Override
    public Future<Channel> open(Exchange exchange) {
        Promise<Channel> promise = connection.loop().newPromise();
        parent().addListener((Future<Channel> connected) -> {
            if (!connected.isSuccess()) {
                promise.setFailure(connected.cause());
                return;
            }
            new Http2StreamChannelBootstrap(connected.getNow())
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel stream) {
                            stream.pipeline()
                                    .addLast(new Http2StreamFrameToHttpObjectCodec(false))
                                    .addLast(new Paced(true))
                                    .addLast(new ResponseReader(exchange));
                        }
                    })
                    .open()
                    .addListener((Future<Http2StreamChannel> opened) -> {
                        if (opened.isSuccess()) {
                            promise.setSuccess(opened.getNow());
                        } else {
                            promise.setFailure(opened.cause());
                        }
                    });
        });
        return promise;
    }

    /** The server that ends its connection ends the client's, as it would without us between them. */
    private Future<Channel> parent() {
        if (parent != null && !(parent.isDone() && !parent.isSuccess())) {
            return parent;
        }
        Promise<Channel> connecting = connection.loop().newPromise();
        parent = connecting;
        connection.connectHttp2().addListener((ChannelFutureListener) connected -> {
            if (connected.isSuccess()) {
                connected.channel().closeFuture().addListener(_ -> connection.close());
                // The codec says its preface when it learns that it is connected, which comes after this.
                connection.loop().execute(() -> connecting.setSuccess(connected.channel()));
            } else {
                connecting.setFailure(connected.cause());
            }
        });
        return connecting;
    }

    @Override
    public boolean singleUse() {
        return true;
    }

    /** The client is gone. */
    void close() {
        if (parent != null) {
            parent.addListener((Future<Channel> connected) -> {
                if (connected.isSuccess()) {
                    connected.getNow().close();
                }
            });
        }
    }
}
