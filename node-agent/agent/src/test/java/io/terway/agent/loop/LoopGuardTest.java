package io.terway.agent.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopGuardTest {

    private final LoopGuard guard = new LoopGuard("testing");

    @Test
    void aFailedTurnIsNotTheLast() throws InterruptedException {
        AtomicInteger turns = new AtomicInteger();
        guard.turn(() -> {
            turns.incrementAndGet();
            throw new IllegalStateException("a bug");
        });
        guard.turn(turns::incrementAndGet);
        assertEquals(2, turns.get());
    }

    @Test
    void aTimersTaskNeverThrows() {
        AtomicInteger runs = new AtomicInteger();
        Runnable task = guard.task(() -> {
            throw new IllegalStateException("bug " + runs.incrementAndGet());
        });
        task.run();
        task.run();
        assertEquals(2, runs.get());
    }

    @Test
    void anInterruptEndsTheLoop() {
        assertThrows(
                InterruptedException.class,
                () -> guard.turn(() -> {
                    throw new InterruptedException();
                }));
    }

    @Test
    void theSameTroubleIsNewsOnceUntilItIsOver() {
        News news = new News();
        assertTrue(news.isNew("full"));
        assertFalse(news.isNew("full"));
        assertTrue(news.isNew("gone"));
        news.over();
        assertTrue(news.isNew("gone"));
    }
}
