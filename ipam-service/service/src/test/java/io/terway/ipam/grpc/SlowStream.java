package io.terway.ipam.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.terway.wire.ipam.v1.ServerMessage;
import java.util.Optional;

/** A stream whose agent reads only when the test lets it. */
final class SlowStream extends ServerCallStreamObserver<ServerMessage> {

    volatile boolean ready;
    int read;
    volatile Optional<Status.Code> ended = Optional.empty();

    @Override
    public void onNext(ServerMessage message) {
        read++;
    }

    @Override
    public void onError(Throwable failure) {
        ended = Optional.of(Status.fromThrowable(failure).getCode());
    }

    @Override
    public void onCompleted() {
        ended = Optional.of(Status.Code.OK);
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
}
