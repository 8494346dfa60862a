package io.terway.agent.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/** Reads the body of a refused request away, so that the connection can go on; past a bound the connection ends. */
final class Discard extends ChannelInboundHandlerAdapter {

    private static final int MOST = 1 << 20;

    private final Runnable done;
    private int bytes;

    /** @param done told when the body is at its end */
    Discard(Runnable done) {
        this.done = done;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean last = message instanceof LastHttpContent;
        boolean whole = message instanceof HttpContent content
                && content.decoderResult().isSuccess()
                && (bytes += content.content().readableBytes()) <= MOST;
        ReferenceCountUtil.release(message);
        if (!whole) {
            ctx.close();
        } else if (last) {
            ctx.pipeline().remove(this);
            done.run();
        } else {
            ctx.read();
        }
    }
}
