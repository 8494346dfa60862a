package io.terway.lab.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.select.FieldSelector;
import io.terway.lab.api.select.LabelSelector;
import io.terway.lab.api.select.Selection;
import io.terway.lab.api.store.Change;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchSessionTest {

    private static final Resource PODS = new Resources().find("", "v1", "pods").orElseThrow();

    /** A client that reads when it is told to. */
    private static final class SlowClient implements Sink {
        private boolean full;
        private boolean ended;
        private int received;
        private Runnable drained = () -> {};
        private Runnable closed = () -> {};

        @Override
        public void send(byte[] event) {
            received++;
        }

        @Override
        public boolean isFull() {
            return full;
        }

        @Override
        public void whenDrained(Runnable then) {
            drained = then;
        }

        @Override
        public void whenClosed(Runnable then) {
            closed = then;
        }

        @Override
        public void end() {
            ended = true;
        }
    }

    private final SlowClient client = new SlowClient();
    private final WatchSession session = new WatchSession(
            new Shapes(PODS, new Media.Plain(), "Metadata", Instant.EPOCH),
            new Selection("", new LabelSelector(List.of()), new FieldSelector(List.of())),
            client);

    private void change(int version) {
        ObjectNode pod = Json.object();
        Meta.of(pod).put("name", "a");
        session.accept(new Change.Added(PODS.id(), version, pod));
    }

    @Test
    void eventsWaitWhileTheClientIsSlow() {
        client.full = true;
        change(1);
        change(2);
        assertEquals(0, client.received);

        client.full = false;
        client.drained.run();

        assertEquals(2, client.received);
    }

    @Test
    void aClientTooFarBehindLosesItsWatch() {
        boolean[] over = new boolean[1];
        session.whenOver(() -> over[0] = true);
        client.full = true;
        for (int i = 0; i < WatchSession.MAX_HELD; i++) {
            change(i);
        }
        assertFalse(client.ended);

        change(WatchSession.MAX_HELD);

        assertTrue(client.ended && over[0]);
    }

    @Test
    void nothingIsSentAfterTheClientLeft() {
        client.closed.run();

        change(1);

        assertEquals(0, client.received);
    }
}
