package io.terway.agent.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import org.jboss.logging.Logger;

/** At the end of a connection of HTTP/2: whoever breaks the protocol is told by the codec, and the connection ends. */
final class EndOnFault extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = Logger.getLogger(EndOnFault.class);

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debugf("connection with %s: %s", ctx.channel().remoteAddress(), cause.getMessage());
        if (!(cause instanceof Http2Exception)) {
            ctx.close();
        }
    }
}
