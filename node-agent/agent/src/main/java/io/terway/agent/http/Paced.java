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
    private boolean ended;

    /** @param keepsRest false: when the connection ends, what it still holds is of no use */
    Paced(boolean keepsRest) {
        this.keepsRest = keepsRest;
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
        if (asked && !ended) {
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
        if (!held.isEmpty()) {
            return;
        }
        if (ended) {
            ended = false;
            ctx.fireChannelInactive();
        } else if (asked) {
            ctx.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (held.isEmpty() || !keepsRest) {
            drop();
            ctx.fireChannelInactive();
        } else {
            ended = true;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (!ctx.channel().isActive()) {
            drop();
        }
        while (!held.isEmpty()) {
            ctx.fireChannelRead(held.poll());
        }
    }

    private void drop() {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }
}
