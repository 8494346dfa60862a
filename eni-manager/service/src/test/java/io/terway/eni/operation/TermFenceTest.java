package io.terway.eni.operation;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TermFenceTest {

    @TempDir
    Path dir;

    @Test
    void aLowerTermIsRefusedAlsoAfterARestart() {
        new TermFence(dir).check(7);

        TermFence.Stale stale = assertThrows(TermFence.Stale.class, () -> new TermFence(dir).check(3));

        assertEquals(7, stale.seen());
        assertEquals("term 3 of ipam-service is over: term 7 was seen; look for the new leader", stale.getMessage());
    }

    @Test
    void theSameAndAHigherTermPass() {
        TermFence fence = new TermFence(dir);
        fence.check(7);

        assertDoesNotThrow(() -> fence.check(7));
        assertDoesNotThrow(() -> fence.check(8));
    }

    @Test
    void noTermAtAllPassesForTools() {
        TermFence fence = new TermFence(dir);
        fence.check(7);

        assertDoesNotThrow(() -> fence.check(0));
    }
}
