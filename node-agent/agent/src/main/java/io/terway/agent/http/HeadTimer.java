package io.terway.agent.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Closes a connection on which the head of a request comes too slowly. */
final class HeadTimer extends ChannelInboundHandlerAdapter {

    private final Duration limit;
    private boolean expected = true;
    private ScheduledFuture<?> running;

    HeadTimer(Duration limit) {
        this.limit = limit;
    }

    /** The next bytes begin a request. */
    void expect() {
        expected = true;
    }

    /** The head is there. */
    void arrived() {
        expected = false;
        stop();
    }

    private void stop() {
        if (running != null) {
            running.cancel(false);
            running = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (expected && running == null) {
            running = ctx.executor().schedule(() -> ctx.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stop();
    }
}
