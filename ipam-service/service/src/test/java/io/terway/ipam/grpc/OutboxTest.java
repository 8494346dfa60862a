package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import io.terway.link.ModelStream;
import io.terway.wire.ipam.v1.PodUpdate;
import io.terway.wire.ipam.v1.ServerMessage;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private final ModelStream<ServerMessage> stream = ModelStream.hungUp();
    private final Outbox outbox = new Outbox(stream);

    @Test
    void aStreamThatIsGoneIsWrittenToOnceAndThenLeftAlone() {
        outbox.send(ServerMessage.getDefaultInstance());

        outbox.send(ServerMessage.getDefaultInstance());

        assertEquals(1, stream.writes());
    }

    @Test
    void theEndOfAStreamThatIsGoneIsSilent() {
        outbox.end(Status.ABORTED);

        outbox.complete();

        assertEquals(1, stream.writes());
    }

    @Test
    void aReaderThatDoesNotReadIsCutAtANumberOfMessages() {
        var slow = ModelStream.<ServerMessage>slow();
        var full = new Outbox(slow);
        for (int i = 0; i < Outbox.LIMIT; i++) {
            full.send(ServerMessage.getDefaultInstance());
        }
        assertEquals(Optional.empty(), slow.ended());

        full.send(ServerMessage.getDefaultInstance());

        assertEquals(Optional.of(Status.Code.RESOURCE_EXHAUSTED), slow.ended());
        assertEquals(1, slow.writes(), "the end alone");
    }

    @Test
    void aReaderThatDoesNotReadIsCutAtANumberOfBytes() {
        var slow = ModelStream.<ServerMessage>slow();
        var full = new Outbox(slow);
        ServerMessage large = ServerMessage.newBuilder()
                .setPods(PodUpdate.newBuilder().addGone("x".repeat(1 << 20)))
                .build();
        int taken = 0;
        while (slow.ended().isEmpty()) {
            full.send(large);
            taken++;
        }

        assertEquals(16, taken, "16 MiB do not hold 16 of a little more than 1 MiB");
        assertEquals(Optional.of(Status.Code.RESOURCE_EXHAUSTED), slow.ended());
    }

    @Test
    void whatWasReadMakesRoom() {
        var slow = ModelStream.<ServerMessage>slow();
        var half = new Outbox(slow);
        for (int i = 0; i < 3 * Outbox.LIMIT; i++) {
            half.send(ServerMessage.getDefaultInstance());
            slow.ready = i % 100 == 0;
            half.drain();
        }
        slow.ready = true;
        half.drain();

        assertEquals(3 * Outbox.LIMIT, slow.writes());
        assertEquals(Optional.empty(), slow.ended());
    }
}
