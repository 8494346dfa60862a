package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.cni.CniReply;
import io.terway.net.Ip;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The agent ends, as by a kill, before and after every single thing that a call does to disk and kernel. Whatever the runtime
 * does then, call again or give the sandbox up, ends as if nothing had happened.
 */
@Timeout(120)
class KillPointsIT extends OneAgent {

    /** Nobody catches it: what it ends is done with. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Ends the caller's life at a step of its own. */
    private static final class Death implements Runnable {
        private final Thread caller = Thread.currentThread();
        private int left;

        Death(int steps) {
            left = steps;
        }

        @Override
        public void run() {
            if (Thread.currentThread() == caller && --left < 0) {
                throw new Killed();
            }
        }
    }

    /** Makes a call that is killed after so many steps, and starts the next agent; true when the call got that far. */
    private boolean killedAfter(int steps, String verb, String container) {
        Death death = new Death(steps);
        node.disk.watch(death);
        kernel.watch(death);
        boolean killed = false;
        try {
            node.call(verb, container, "web");
        } catch (Killed _) {
            killed = true;
        }
        kernel.watch(() -> {});
        restart();
        return killed;
    }

    private void requireNothingLeft(int steps) {
        assertEquals(Map.of(), kernel.connected(), "killed after " + steps);
        assertEquals(List.of(), node.ledger.read(s -> List.copyOf(s.bindings())), "killed after " + steps);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAddIsTakenUpAgainOrUndoneWhereverItWasKilled(boolean again) {
        known("web");
        offered(1, 4);
        int steps = 0;
        for (boolean killed = true; killed; steps++) {
            String container = "c" + steps;
            killed = killedAfter(steps, "ADD", container);
            if (again) {
                Ip address = TestNode.address(node.call("ADD", container, "web"));
                assertEquals(
                        List.of(address), kernel.connected().get(key(container)).addresses(), "killed after " + steps);
                assertEquals(1, kernel.connected().size(), "killed after " + steps);
            }
            assertTrue(node.call("DEL", container, "web").isSuccess(), "killed after " + steps);
            requireNothingLeft(steps);
        }
        assertTrue(steps > 4, "at least a record and a link, before and after: " + steps);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDelIsRepeatedWhereverItWasKilled(boolean swept) {
        known("web");
        offered(1, 4);
        int steps = 0;
        for (boolean killed = true; killed; steps++) {
            String container = "c" + steps;
            TestNode.address(node.call("ADD", container, "web"));
            killed = killedAfter(steps, "DEL", container);
            if (swept) {
                node.calls.sweep().run();
            }
            CniReply del = node.call("DEL", container, "web");
            assertTrue(del.isSuccess(), TestNode.output(del));
            requireNothingLeft(steps);
        }
        assertTrue(steps > 4, "at least a record and a link, before and after: " + steps);
    }

    @Test
    void anAddressIsNeverGivenTwiceWhereverItsAddWasKilled() {
        known("web", "api");
        offered(1, 4);
        int steps = 0;
        for (boolean killed = true; killed; steps++) {
            killed = killedAfter(steps, "ADD", "c" + steps);
            // The kernel's model fails when the two share an address.
            TestNode.address(node.call("ADD", "other" + steps, "api"));
            TestNode.address(node.call("ADD", "c" + steps, "web"));
            assertTrue(node.call("DEL", "c" + steps, "web").isSuccess());
            assertTrue(node.call("DEL", "other" + steps, "api").isSuccess());
            requireNothingLeft(steps);
        }
    }
}
