package io.terway.ipam.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.terway.wire.ipam.v1.ServerMessage;

/** A stream whose agent has hung up: like the server's, it throws at every write. */
final class DeadStream extends ServerCallStreamObserver<ServerMessage> {

    int writes;

    @Override
    public void onNext(ServerMessage message) {
        gone();
    }

    @Override
    public void onError(Throwable failure) {
        gone();
    }

    @Override
    public void onCompleted() {
        gone();
    }

    private void gone() {
        writes++;
        throw new IllegalStateException("the stream has been cancelled");
    }

    @Override
    public boolean isReady() {
        return true;
    }

    /** It is not known yet: the race that the writers have to live with. */
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
