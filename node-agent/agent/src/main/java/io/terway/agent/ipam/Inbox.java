package io.terway.agent.ipam;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.terway.wire.ipam.v1.ServerMessage;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a session's stream delivers, from gRPC's threads, which it never blocks, to the session's own. */
final class Inbox implements StreamObserver<ServerMessage> {

    /** Messages that wait to be handled; a server that is so far ahead is cut off and met again. */
    private static final int MOST = 4096;

    private final BlockingQueue<Incoming> waiting = new LinkedBlockingQueue<>(MOST);

    /** A message, or the end. */
    sealed interface Incoming {
        record Message(ServerMessage message) implements Incoming {}

        record Ended(Status status) implements Incoming {}
    }

    /** The next one; null when none comes within this time. */
    Incoming await(Duration longest) throws InterruptedException {
        return waiting.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void onNext(ServerMessage message) {
        if (!waiting.offer(new Incoming.Message(message))) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("more than " + MOST + " messages wait here")
                    .asRuntimeException();
        }
    }

    @Override
    public void onError(Throwable t) {
        end(Status.fromThrowable(t));
    }

    @Override
    public void onCompleted() {
        end(Status.UNAVAILABLE.withDescription("the server ended the session"));
    }

    /** The end always finds room: what waits before it does not matter any more. */
    private void end(Status status) {
        while (!waiting.offer(new Incoming.Ended(status))) {
            waiting.poll();
        }
    }
}
