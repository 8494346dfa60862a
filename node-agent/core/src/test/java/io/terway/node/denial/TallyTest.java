package io.terway.node.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.net.Ip;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final Instant NOW = Instant.EPOCH;

    private final Tally tally = new Tally(2);

    private static Denial denial(int port) {
        Flow flow = new Flow(Ip.parse("10.0.0.1"), Ip.parse("10.0.0.2"), 6, port);
        return new Denial(Direction.INGRESS, flow, List.of("shop/policy"), false);
    }

    @Test
    void oneKindIsOneLineWithItsCountAndFirstTime() {
        tally.add(denial(80), NOW);
        tally.add(denial(81), NOW.plusMillis(1));
        tally.add(denial(80), NOW.plusMillis(2));

        assertEquals(
                List.of(new Counted(NOW, denial(80), 2), new Counted(NOW.plusMillis(1), denial(81), 1)), tally.take());
        assertEquals(List.of(), tally.take());
    }

    @Test
    void kindsBeyondTheBoundAreLostAndCounted() {
        for (int port = 1; port <= 5; port++) {
            tally.add(denial(port), NOW);
        }
        tally.add(denial(1), NOW);

        assertEquals(3, tally.takeLost());
        assertEquals(0, tally.takeLost());
        assertEquals(
                List.of(new Counted(NOW, denial(1), 2), new Counted(NOW, denial(2), 1)),
                tally.take(),
                "a known kind always fits");
    }

    @Test
    void aDenialNamesWhoDenied() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Denial(Direction.EGRESS, denial(1).flow(), List.of(), false));
    }
}
