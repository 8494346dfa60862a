package io.terway.agent.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Hands on one message for each time it is asked: one read of a socket may hold many, and the other side may be slow. The
 * end of a connection is told after all that came before it.
 */
final class Paced extends ChannelDuplexHandler {

    static final String NAME = "paced";

    private final Queue<Object> held = new ArrayDeque<>();
    private final boolean keepsRest;
    private boolean asked;
    private boolean handing;

    /** @param keepsRest false: when the connection ends, what it still holds is of no use */
    Paced(boolean keepsRest) {
        this.keepsRest = keepsRest;
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        asked = true;
        hand(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        held.add(message);
        hand(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        if (asked) {
            ctx.read();
        }
    }

    /** A loop, not a recursion: whoever gets a message asks for the next one at once. */
    private void hand(ChannelHandlerContext ctx) {
        if (handing) {
            return;
        }
        handing = true;
        try {
            while (asked && !held.isEmpty()) {
                asked = false;
                ctx.fireChannelRead(held.poll());
            }
        } finally {
            handing = false;
        }
        if (asked && held.isEmpty()) {
            ctx.read();
        }
    }

    /** What is held is no more than one read of the socket gave, so the other side takes it all, slow or not. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        rest(ctx, keepsRest);
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        rest(ctx, ctx.channel().isActive());
    }

    private void rest(ChannelHandlerContext ctx, boolean wanted) {
        for (Object message = held.poll(); message != null; message = held.poll()) {
            if (wanted) {
                ctx.fireChannelRead(message);
            } else {
                ReferenceCountUtil.release(message);
            }
        }
    }
}
