package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LeadershipTest {

    private static final Leadership.Settings SETTINGS =
            new Leadership.Settings("ns", "lease", "h:1", Duration.ofSeconds(2), Duration.ofMillis(100));

    private final LeaseModel lease = new LeaseModel();

    /** Notes what it is told and throws as often as the test says. */
    private static final class Listener implements Leadership.Listener {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final AtomicBoolean failing = new AtomicBoolean();

        @Override
        public void elected(long term) {
            note("elected " + term);
        }

        @Override
        public void lost(long term) {
            note("lost " + term);
        }

        private void note(String what) {
            heard.add(what);
            if (failing.get()) {
                throw new IllegalStateException("as the test says");
            }
        }

        String next() throws InterruptedException {
            return String.valueOf(heard.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aListenerThatThrowsDoesNotEndTheWatch() throws InterruptedException {
        var listener = new Listener();
        listener.failing.set(true);
        try (Leadership leadership = Leadership.start(lease, SETTINGS, listener)) {
            assertEquals("elected 1", listener.next());
            assertEquals("lost 1", listener.next());
            listener.failing.set(false);

            String next = listener.next();

            assertTrue(next.startsWith("elected "), next);
            assertTrue(leadership.alive());
        }
    }

    @Test
    void aHigherTermSeenByOthersEndsOursAndANewOneBeginsAboveIt() throws InterruptedException {
        var listener = new Listener();
        try (Leadership leadership = Leadership.start(lease, SETTINGS, listener)) {
            assertEquals("elected 1", listener.next());

            leadership.outrank(41);

            assertEquals("lost 1", listener.next());
            assertEquals("elected 42", listener.next());
        }
    }

    @Test
    void theLeaseIsGivenUpOnlyAfterWhatIsUnderWayHasEnded() throws InterruptedException {
        var listener = new Listener();
        Leadership leadership = Leadership.start(lease, SETTINGS, listener);
        assertEquals("elected 1", listener.next());
        var asked = new LinkedBlockingQueue<String>();

        leadership.close(() -> {
            asked.add(lease.read().orElseThrow().holder());
            return asked.size() == 3;
        });

        assertEquals(3, asked.size());
        assertFalse(asked.contains(""), "given up while busy");
        assertEquals("lost 1", listener.next());
        assertEquals("", lease.read().orElseThrow().holder());
    }
}
