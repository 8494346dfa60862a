package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolTargetsTest {

    private static final PoolTargets TARGETS = new PoolTargets(10, 25, true, 10, Duration.ofSeconds(300), 0, true);

    @ParameterizedTest
    @CsvSource({
        // waiting, idle, in flight, wanted
        "0, 0, 0, 10",
        "5, 0, 0, 15",
        "5, 0, 15, 0",
        "0, 10, 0, 0",
        "0, 7, 0, 3",
        "0, 7, 3, 0",
        "3, 12, 0, 1",
        "2, 40, 0, 0",
        "100, 0, 45, 65",
    })
    void ordersWaitingPodsAndTheFloorOnce(int waiting, int idle, int inFlight, int wanted) {
        assertEquals(wanted, TARGETS.wanted(waiting, idle, inFlight));
    }

    @Test
    void agreesWithTheNaiveCountEverywhere() {
        for (int waiting = 0; waiting < 30; waiting++) {
            for (int idle = 0; idle < 40; idle++) {
                for (int inFlight = 0; inFlight < 40; inFlight++) {
                    assertEquals(naive(waiting, idle, inFlight), TARGETS.wanted(waiting, idle, inFlight));
                }
            }
        }
    }

    /** Hands addresses out one by one, then fills the floor one by one. */
    private static int naive(int waiting, int idle, int inFlight) {
        int supply = idle + inFlight;
        int ordered = 0;
        for (int pod = 0; pod < waiting; pod++) {
            if (supply > 0) {
                supply--;
            } else {
                ordered++;
            }
        }
        while (supply < 10) {
            supply++;
            ordered++;
        }
        return ordered;
    }

    @Test
    void warmsUpInBatchesButNeverHoldsBackWaitingPods() {
        PoolTargets large = new PoolTargets(40, 80, true, 10, Duration.ofSeconds(300), 0, true);

        assertEquals(10, large.step(0, 0, 0));
        assertEquals(0, large.step(0, 0, 10));
        assertEquals(10, large.step(0, 10, 0));
        assertEquals(60, large.step(50, 0, 0));
    }

    @Test
    void ordersNothingAheadWhenWarmUpIsOff() {
        PoolTargets cold = new PoolTargets(10, 25, false, 10, Duration.ofSeconds(300), 0, true);

        assertEquals(0, cold.wanted(0, 0, 0));
        assertEquals(2, cold.wanted(2, 0, 0));
    }
}
