package io.terway.agent.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {

    @Test
    void whoFloodsSilencesNobody() {
        List<String> flood = Collections.nCopies(1_000, "flood");

        assertEquals(
                List.of("flood", "a", "b", "flood", "b", "flood"),
                Turns.take(List.of(flood, List.of("a"), List.of("b", "b")), 6));
    }

    @Test
    void allIsTakenWhereThereIsRoom() {
        assertEquals(List.of("a", "b", "c"), Turns.take(List.of(List.of("a", "c"), List.of(), List.of("b")), 10));
        assertEquals(List.of(), Turns.take(List.of(List.of("a")), 0));
    }
}
