package io.terway.bench.policy;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.terway.bench.Unmeasurable;
import io.terway.link.Address;
import io.terway.wire.policy.v1.Acknowledge;
import io.terway.wire.policy.v1.PolicyGrpc;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.SubscribeMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A replica of policy-service that says what it is told to, and waits until the agent has it in its kernel. */
final class ServiceModel extends PolicyGrpc.PolicyImplBase implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 300;

    private final Server server;
    private final BlockingQueue<StreamObserver<PolicyUpdate>> streams = new LinkedBlockingQueue<>();
    private final BlockingQueue<Acknowledge> acknowledged = new LinkedBlockingQueue<>();
    private StreamObserver<PolicyUpdate> stream;
    private long revision;

    ServiceModel() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .permitKeepAliveTime(1, TimeUnit.SECONDS) // as often as the agent likes
                .permitKeepAliveWithoutCalls(true)
                .addService(this)
                .build()
                .start();
    }

    Address address() {
        return new Address("127.0.0.1", server.getPort());
    }

    /** Milliseconds from saying it to hearing that the kernel has it. */
    double say(PolicyUpdate.Builder update) throws InterruptedException {
        if (stream == null) {
            stream = streams.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        long begun = System.nanoTime();
        stream.onNext(update.setRevision(++revision).build());
        Acknowledge answer = acknowledged.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null || !answer.getError().isEmpty()) {
            throw new Unmeasurable(
                    "the agent did not put policy in force: " + (answer == null ? "no answer" : answer.getError()));
        }
        return (System.nanoTime() - begun) / 1e6;
    }

    @Override
    public StreamObserver<SubscribeMessage> subscribe(StreamObserver<PolicyUpdate> out) {
        return new StreamObserver<>() {
            @Override
            public void onNext(SubscribeMessage message) {
                if (message.hasSubscribe()) {
                    streams.add(out);
                } else {
                    acknowledged.add(message.getAcknowledge());
                }
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {
                out.onCompleted();
            }
        };
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
