package io.terway.link;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;

/** A server's stream whose caller reads when the test lets it, or has hung up. */
public final class ModelStream<T> extends ServerCallStreamObserver<T> {

    /** Set by the test: whether the caller has room. */
    public volatile boolean ready;

    private final boolean hungUp;
    private int writes;
    private volatile Optional<Status.Code> ended = Optional.empty();

    private ModelStream(boolean hungUp) {
        this.hungUp = hungUp;
        ready = hungUp;
    }

    /** Its caller reads nothing until {@link #ready}. */
    public static <T> ModelStream<T> slow() {
        return new ModelStream<>(false);
    }

    /** Its caller is gone, which is not known yet: found ready, it throws at every write, like the real one. */
    public static <T> ModelStream<T> hungUp() {
        return new ModelStream<>(true);
    }

    /** Messages and ends that were written. */
    public int writes() {
        return writes;
    }

    /** How it was ended, once it was. */
    public Optional<Status.Code> ended() {
        return ended;
    }

    @Override
    public void onNext(T message) {
        write();
    }

    @Override
    public void onError(Throwable failure) {
        write();
        ended = Optional.of(Status.fromThrowable(failure).getCode());
    }

    @Override
    public void onCompleted() {
        write();
        ended = Optional.of(Status.Code.OK);
    }

    private void write() {
        writes++;
        if (hungUp) {
            throw Status.CANCELLED.asRuntimeException();
        }
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    /** What a hang-up makes true, it makes true later: the race that writers have to live with. */
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
