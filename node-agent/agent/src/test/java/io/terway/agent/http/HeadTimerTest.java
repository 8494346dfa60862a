package io.terway.agent.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeadTimerTest {

    private final HeadTimer timer = new HeadTimer(Duration.ofSeconds(30));
    private final EmbeddedChannel channel = new EmbeddedChannel(timer);

    @BeforeEach
    void holdTime() {
        channel.freezeTime();
    }

    @Test
    void aHeadThatDripsInEndsTheConnection() {
        for (int second = 0; second < 30; second++) {
            send("G");
            pass(1);
        }

        assertFalse(channel.isOpen());
    }

    @Test
    void anIdleConnectionAndALongBodyDoNot() {
        pass(100);
        send("GET");
        timer.arrived();
        for (int second = 0; second < 100; second++) {
            send("body");
            pass(1);
        }
        timer.expect();
        pass(100);

        assertTrue(channel.isOpen());
    }

    @Test
    void theNextHeadHasItsOwnTime() {
        send("GET");
        pass(20);
        timer.arrived();
        timer.expect();
        send("GET");
        pass(20);
        assertTrue(channel.isOpen());
        pass(10);

        assertFalse(channel.isOpen());
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
        channel.releaseInbound();
    }

    private void pass(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }
}
