package io.terway.agent.repair;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.SandboxKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final SandboxKey POD = new SandboxKey("terway", "c0", "eth0");

    @Test
    void firstRepairsFollowAtOnceLaterOnesWait() {
        Patience patience = new Patience();
        for (int i = 0; i < Patience.FREE; i++) {
            assertTrue(patience.allows(POD, 0));
            patience.mended(POD, 0);
        }

        assertFalse(patience.allows(POD, 1));
        assertTrue(patience.allows(POD, Patience.LONGEST_PAUSE.toNanos()));
    }

    @Test
    void aQuietWhileEndsTheQuarrel() {
        Patience patience = new Patience();
        for (int i = 0; i < 2 * Patience.FREE; i++) {
            patience.mended(POD, 0);
        }
        long later = Patience.QUIET.plus(Duration.ofSeconds(1)).toNanos();
        patience.mended(POD, later);

        assertTrue(patience.allows(POD, later));
    }

    @Test
    void aPodThatIsGoneIsForgotten() {
        Patience patience = new Patience();
        for (int i = 0; i <= Patience.FREE; i++) {
            patience.mended(POD, 0);
        }
        patience.forget(List.of());

        assertTrue(patience.allows(POD, 1));
    }
}
