package io.terway.agent.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IpamClientTest {

    private static Duration afterMany(boolean quarantined) {
        Duration pause = Duration.ofMillis(100);
        for (int i = 0; i < 20; i++) {
            pause = IpamClient.next(pause, false, quarantined);
        }
        return pause;
    }

    @Test
    void aQuarantinedNodeAsksLessOften() {
        assertEquals(Duration.ofSeconds(5), afterMany(false));
        assertEquals(Duration.ofSeconds(30), afterMany(true));
    }

    @Test
    void asksSoonAfterASessionThatLasted() {
        assertEquals(Duration.ofMillis(100), IpamClient.next(Duration.ofSeconds(30), true, true));
    }
}
