package io.terway.ipam.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.InstanceId;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TroublesTest {

    private static final String NO_LEADER = "UNAVAILABLE: nobody holds the Lease terway-eni";

    private final Troubles troubles = new Troubles();

    private static InstanceId instance(int number) {
        return new InstanceId("i-" + number);
    }

    private long told(int rounds, int instances) {
        return IntStream.range(0, rounds * instances)
                .filter(i -> troubles.isNew(instance(i % instances), NO_LEADER))
                .count();
    }

    @Test
    void oneCauseOfAThousandInstancesIsToldOnce() {
        assertEquals(1, told(30, 1_000));
    }

    @Test
    void thoseThatStillFailWhileOthersRecoverSayNothingNew() {
        told(1, 1_000);
        troubles.over(instance(0));

        assertFalse(troubles.isNew(instance(1), NO_LEADER));
    }

    @Test
    void instancesThatFailInTurnForCausesOfTheirOwnAreToldOnceEach() {
        assertEquals(
                2,
                IntStream.range(0, 20)
                        .filter(i -> troubles.isNew(instance(i % 2), "NOT_FOUND: i-" + i % 2))
                        .count());
    }

    @Test
    void anotherCauseAndARelapseAreNews() {
        assertTrue(troubles.isNew(instance(1), NO_LEADER));
        assertTrue(troubles.isNew(instance(1), "PERMISSION_DENIED"));
        troubles.over(instance(1));
        assertTrue(troubles.isNew(instance(1), "PERMISSION_DENIED"));
    }
}
