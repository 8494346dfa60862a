package io.terway.ipam.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.terway.wire.ipam.v1.ServerMessage;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jboss.logging.Logger;

/** Messages on their way to one agent. Bounded: a reader that lets it fill up is cut. Any thread. */
final class Outbox {

    /** Messages waiting at most. */
    static final int LIMIT = 4_096;

    /** Bytes waiting at most: several times all that a node with 10,000 addresses and 1,000 pods is told at once. */
    static final long BYTES = 16 << 20;

    private static final Logger LOG = Logger.getLogger(Outbox.class);

    private final ServerCallStreamObserver<ServerMessage> stream;
    private final Queue<ServerMessage> waiting = new ArrayDeque<>(); // guarded by this
    private long bytes; // guarded by this
    private boolean ended; // guarded by this

    Outbox(ServerCallStreamObserver<ServerMessage> stream) {
        this.stream = stream;
    }

    synchronized void send(ServerMessage message) {
        if (ended) {
            return;
        }
        if (waiting.size() >= LIMIT || bytes + message.getSerializedSize() > BYTES) {
            end(Status.RESOURCE_EXHAUSTED.withDescription("cut: " + waiting.size() + " messages of " + bytes
                    + " bytes wait for a reader that does not read; " + LIMIT + " of " + BYTES + " may"));
            return;
        }
        waiting.add(message);
        bytes += message.getSerializedSize();
        drain();
    }

    synchronized void drain() {
        while (!ended && !waiting.isEmpty() && stream.isReady()) {
            ServerMessage next = waiting.remove();
            bytes -= next.getSerializedSize();
            write(() -> stream.onNext(next));
        }
    }

    synchronized void end(Status status) {
        if (ended) {
            return;
        }
        ended = true;
        waiting.clear();
        if (!stream.isCancelled()) {
            write(() -> stream.onError(status.asRuntimeException()));
        }
    }

    /** The agent has closed its side. */
    synchronized void complete() {
        if (!ended) {
            ended = true;
            write(stream::onCompleted);
        }
    }

    /** A stream that the agent has cancelled throws; it has ended then, and the session's end is told elsewhere. */
    private void write(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.debugf("a session's stream is gone: %s", e.getMessage());
            ended = true;
            waiting.clear();
        }
    }
}
