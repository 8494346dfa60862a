package io.terway.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class PacedTest {

    private boolean ended;
    private int got;

    private EmbeddedChannel channel(boolean keepsRest, boolean greedy) {
        EmbeddedChannel channel = new EmbeddedChannel(new Paced(keepsRest), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                got++;
                if (greedy) {
                    ctx.read();
                }
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                ended = true;
            }
        });
        channel.config().setAutoRead(false);
        return channel;
    }

    @Test
    void oneIsHandedOnForEachThatIsAskedFor() {
        EmbeddedChannel channel = channel(true, false);
        channel.writeInbound("a", "b", "c");
        int before = got;

        channel.read();
        channel.read();

        assertEquals(before + 2, got);
        assertNull(channel.readInbound());
    }

    @Test
    void theEndIsToldAfterAllThatCameBeforeIt() {
        EmbeddedChannel channel = channel(true, false);
        channel.writeInbound("a", "b", "c");

        channel.close();

        assertEquals(3, got);
        assertTrue(ended);
    }

    @Test
    void whatIsOfNoUseIsDroppedAtTheEnd() {
        EmbeddedChannel channel = channel(false, false);
        channel.writeInbound("a", "b", "c");
        int before = got;

        channel.close();

        assertEquals(before, got);
        assertTrue(ended);
    }

    /** Each message asks for the next one: a recursion would not live through it. */
    @Test
    void aHundredThousandMessagesAtOnceAreNoRecursion() {
        EmbeddedChannel channel = channel(true, true);
        channel.writeInbound((Object[]) "x ".repeat(100_000).split(" "));
        channel.pipeline().read();

        assertEquals(100_000, got);
    }
}
