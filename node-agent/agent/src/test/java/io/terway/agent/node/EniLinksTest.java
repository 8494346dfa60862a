package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EniLinksTest {

    @Test
    void looksLessOftenForALinkThatStaysAway() {
        assertEquals(Duration.ofMillis(100), EniLinks.pause(Duration.ofSeconds(59)));
        assertEquals(Duration.ofSeconds(5), EniLinks.pause(Duration.ofMinutes(1)));
    }
}
