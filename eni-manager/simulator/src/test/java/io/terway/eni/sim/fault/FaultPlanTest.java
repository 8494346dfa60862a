package io.terway.eni.sim.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final FaultPlan plan = new FaultPlan();

    private long hits(String action, Instant at, int calls) {
        return IntStream.range(0, calls)
                .filter(i -> plan.strike(action, at).isPresent())
                .count();
    }

    @Test
    void throttleAdmitsTheBurstAndThenTheRate() {
        plan.set(1, List.of(FaultRule.always("A", new Effect.Throttle(2, 3))));
        assertEquals(7, hits("A", NOW, 10));
        assertEquals(8, hits("A", NOW.plusSeconds(1), 10));
        assertEquals(0, hits("B", NOW, 10));
    }

    @Test
    void aThrottleOfAllActionsThrottlesEachByItself() {
        plan.set(1, List.of(FaultRule.always("*", new Effect.Throttle(1, 2))));
        assertEquals(3, hits("A", NOW, 5));
        assertEquals(3, hits("B", NOW, 5));
    }

    @Test
    void hitsNoOftenerThanAsked() {
        plan.set(1, List.of(new FaultRule("*", new Effect.Hang(), 1, 2)));
        assertEquals(2, hits("A", NOW, 10));
    }

    @Test
    void sameSeedStrikesTheSameCalls() {
        List<FaultRule> rules = List.of(new FaultRule("*", new Effect.LoseAnswer(), 0.3, 0));
        plan.set(7, rules);
        List<Boolean> first = IntStream.range(0, 100)
                .mapToObj(i -> plan.strike("A", NOW).isPresent())
                .toList();
        plan.set(7, rules);
        assertEquals(
                first,
                IntStream.range(0, 100)
                        .mapToObj(i -> plan.strike("A", NOW).isPresent())
                        .toList());
    }

    @Test
    void holdsABoundedNumberOfRules() {
        List<FaultRule> tooMany = Collections.nCopies(FaultPlan.LIMIT + 1, FaultRule.always("A", new Effect.Hang()));
        assertThrows(IllegalArgumentException.class, () -> plan.set(1, tooMany));
    }
}
