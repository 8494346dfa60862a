package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import io.terway.wire.ipam.v1.ServerMessage;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private final DeadStream stream = new DeadStream();
    private final Outbox outbox = new Outbox(stream);

    @Test
    void aStreamThatIsGoneIsWrittenToOnceAndThenLeftAlone() {
        outbox.send(ServerMessage.getDefaultInstance());

        outbox.send(ServerMessage.getDefaultInstance());

        assertEquals(1, stream.writes);
    }

    @Test
    void theEndOfAStreamThatIsGoneIsSilent() {
        outbox.end(Status.ABORTED);

        outbox.complete();

        assertEquals(1, stream.writes);
    }
}
