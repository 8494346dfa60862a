package io.terway.eni.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.junit.jupiter.api.Test;

final class AuditTrailTest {

    /** A channel that takes {@code room} events and then refuses as the bounded buffer does. */
    private static final class FullChannel implements Emitter<String> {
        private final int room;
        private final List<String> taken = new ArrayList<>();

        FullChannel(int room) {
            this.room = room;
        }

        @Override
        public CompletionStage<Void> send(String event) {
            if (taken.size() == room) {
                throw new IllegalStateException("insufficient downstream requests");
            }
            taken.add(event);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public <M extends Message<? extends String>> void send(M message) {
            send(message.getPayload());
        }

        @Override
        public void complete() {}

        @Override
        public void error(Exception e) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public boolean hasRequests() {
            return taken.size() < room;
        }
    }

    @Test
    void whatDoesNotFitIsCountedAndHoldsNobodyUp() {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        FullChannel channel = new FullChannel(3);
        AuditTrail trail = new AuditTrail(channel, metrics);

        for (int i = 0; i < 5; i++) {
            trail.accept(new AuditEvent(Instant.EPOCH, 1, "DeleteNetworkInterface", "eni-" + i, "ok", 1));
        }

        assertEquals(3, channel.taken.size());
        assertEquals(2, metrics.get("terway.audit.dropped").counter().count());
    }
}
