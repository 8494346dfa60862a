package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NoticesTest {

    private static final Notice NOTICE = notice("altered");

    /** What was written: verb, name and count. */
    private record Written(String verb, String name, long count) {}

    private final BlockingQueue<Written> written = new LinkedBlockingQueue<>();
    private volatile Instant now = Instant.EPOCH;
    private volatile boolean exists;
    private volatile boolean down;

    private final Notices notices = new Notices(
            new Notices.Events() {
                @Override
                public boolean create(Event event) {
                    boolean fails = down; // before the test hears of it and lets the next one pass
                    written.add(new Written("create", event.getMetadata().getName(), event.getCount()));
                    if (fails) {
                        throw new KubernetesClientException("no API server");
                    }
                    return !exists;
                }

                @Override
                public void repeat(Event event, long count) {
                    written.add(new Written("repeat", event.getMetadata().getName(), count));
                }
            },
            () -> now,
            "terway-test",
            "n1");

    @AfterEach
    void stop() {
        notices.close();
    }

    private static Notice notice(String message) {
        return Notice.warning(Notice.Subject.pod(new PodRef("shop", "web"), "u"), "PolicyTampered", message);
    }

    private Written next() throws InterruptedException {
        return written.poll(1, TimeUnit.MINUTES);
    }

    @Test
    void whatRepeatsIsOneEventThatCounts() throws Exception {
        for (int i = 0; i < 10; i++) {
            notices.post(NOTICE);
        }
        assertEquals("create", next().verb());

        now = now.plus(Notices.QUIET);
        notices.post(NOTICE);

        assertEquals(new Written("repeat", NOTICE.eventName(), 11), next());
        assertNull(written.poll());
    }

    @Test
    void aClockThatWentBackSilencesNothing() throws Exception {
        now = Instant.EPOCH.plus(Duration.ofHours(5));
        notices.post(NOTICE);
        assertEquals("create", next().verb());

        now = Instant.EPOCH;
        notices.post(NOTICE);

        assertEquals(new Written("repeat", NOTICE.eventName(), 2), next());
    }

    @Test
    void whatAnEarlierProcessToldGoesOnThere() throws Exception {
        exists = true;

        notices.post(NOTICE);

        assertEquals("create", next().verb());
        assertEquals(new Written("repeat", NOTICE.eventName(), 0), next());
    }

    @Test
    void whatWasNotWrittenIsTriedWithTheNext() throws Exception {
        down = true;
        notices.post(NOTICE);
        assertEquals("create", next().verb());

        down = false;
        while (written.isEmpty()) {
            notices.post(NOTICE);
            Thread.onSpinWait();
        }
        assertEquals("create", next().verb());
    }

    @Test
    void anotherMessageIsAnotherEvent() throws Exception {
        notices.post(NOTICE);
        notices.post(notice("other"));

        assertEquals(NOTICE.eventName(), next().name());
        assertEquals(notice("other").eventName(), next().name());
    }

    @Test
    void eventsOfNodesAreFoundByDescribe() {
        Event event = Notice.warning(Notice.Subject.node(new NodeName("cn-1.2")), "R", "x".repeat(2_000))
                .event("c", "cn-1.2", 1, Instant.EPOCH);

        assertEquals("default", event.getMetadata().getNamespace());
        assertEquals("cn-1.2", event.getInvolvedObject().getUid());
        assertNull(event.getInvolvedObject().getNamespace());
        assertEquals(1_000, event.getMessage().length());
        assertTrue(
                event.getMetadata().getName().matches("cn-1\\.2\\.[0-9a-f]{16}"),
                event.getMetadata().getName());
    }
}
