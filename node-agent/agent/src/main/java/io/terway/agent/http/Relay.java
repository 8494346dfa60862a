package io.terway.agent.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.util.ReferenceCountUtil;

/** Passes bytes to the other side, as fast as that takes them: what a websocket is once it is open. */
final class Relay extends ChannelInboundHandlerAdapter {

    private final Channel other;

    private Relay(Channel other) {
        this.other = other;
    }

    /** Both sides have agreed to leave HTTP. */
    static void join(Channel client, ClientWire wire, Channel server) {
        client.pipeline().addLast(new Relay(server));
        server.pipeline().addLast(new Relay(client));
        server.pipeline().remove(ResponseReader.class);
        server.pipeline().remove(Paced.class);
        server.pipeline().remove(HttpClientCodec.class);
        client.pipeline().remove(Exchange.class);
        wire.strip(client);
        client.read();
        server.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf)) {
            ReferenceCountUtil.release(message);
            return;
        }
        other.writeAndFlush(message).addListener((ChannelFutureListener) written -> {
            if (written.isSuccess()) {
                ctx.read();
            } else {
                ctx.close();
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        other.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
