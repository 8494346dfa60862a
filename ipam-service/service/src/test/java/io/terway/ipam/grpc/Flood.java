package io.terway.ipam.grpc;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.terway.ipam.leader.LoopThread;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.IpamGrpc;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls on a connection of their own, as many as wanted, while the loop answers none. */
final class Flood implements StreamObserver<AllocateResponse>, AutoCloseable {

    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    private final ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", TestCluster.port())
            .usePlaintext()
            .build();
    private final CountDownLatch over;

    private Flood(CountDownLatch over) {
        this.over = over;
    }

    /** The loop stands still until {@link #end}. */
    static Flood standStill(LoopThread loop) {
        var over = new CountDownLatch(1);
        loop.ask(_ -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return over;
        });
        return new Flood(over);
    }

    void ask(AllocateRequest request, int times) {
        var stub = IpamGrpc.newStub(channel);
        for (int i = 0; i < times; i++) {
            stub.allocate(request, this);
        }
    }

    /** The loop goes on. */
    void end() {
        over.countDown();
    }

    @Override
    public void onNext(AllocateResponse response) {
        answered.incrementAndGet();
    }

    @Override
    public void onError(Throwable failure) {
        if (Status.fromThrowable(failure).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
            refused.incrementAndGet();
        }
    }

    @Override
    public void onCompleted() {}

    @Override
    public void close() {
        end();
        channel.shutdownNow();
    }
}
