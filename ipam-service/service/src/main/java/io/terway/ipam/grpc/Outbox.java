package io.terway.ipam.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.terway.wire.ipam.v1.ServerMessage;
import java.util.ArrayDeque;
import java.util.Queue;

/** Messages on their way to one agent. Bounded: a reader that lets it fill up is cut. Any thread. */
final class Outbox {

    /** Messages waiting at most. */
    static final int LIMIT = 4_096;

    private final ServerCallStreamObserver<ServerMessage> stream;
    private final Queue<ServerMessage> waiting = new ArrayDeque<>(); // guarded by this
    private boolean ended; // guarded by this

    Outbox(ServerCallStreamObserver<ServerMessage> stream) {
        this.stream = stream;
    }

    synchronized void send(ServerMessage message) {
        if (ended) {
            return;
        }
        if (waiting.size() >= LIMIT) {
            end(Status.RESOURCE_EXHAUSTED.withDescription(
                    "cut: " + LIMIT + " messages wait for a reader that does not read"));
            return;
        }
        waiting.add(message);
        drain();
    }

    synchronized void drain() {
        while (!ended && !waiting.isEmpty() && stream.isReady()) {
            stream.onNext(waiting.remove());
        }
    }

    synchronized void end(Status status) {
        if (ended) {
            return;
        }
        ended = true;
        waiting.clear();
        if (!stream.isCancelled()) {
            stream.onError(status.asRuntimeException());
        }
    }

    /** The agent has closed its side. */
    synchronized void complete() {
        if (!ended) {
            ended = true;
            stream.onCompleted();
        }
    }
}
