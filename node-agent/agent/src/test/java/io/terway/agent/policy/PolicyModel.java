package io.terway.agent.policy;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.terway.link.Address;
import io.terway.net.Ip;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Holder;
import io.terway.wire.policy.v1.NameReply;
import io.terway.wire.policy.v1.NameRequest;
import io.terway.wire.policy.v1.PolicyGrpc;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.ReportReply;
import io.terway.wire.policy.v1.ReportRequest;
import io.terway.wire.policy.v1.SubscribeMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A replica of policy-service that sends what a test says, and remembers what was acknowledged. */
final class PolicyModel extends PolicyGrpc.PolicyImplBase implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    private final Server server;
    private final List<PolicyUpdate> greeting = new ArrayList<>();
    private final BlockingQueue<SubscribeMessage> received = new LinkedBlockingQueue<>();
    private final List<ReportRequest> reports = new CopyOnWriteArrayList<>();
    private StreamObserver<PolicyUpdate> stream;

    PolicyModel(PolicyUpdate... full) throws IOException {
        greeting.addAll(List.of(full));
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this)
                .build()
                .start();
    }

    Address address() {
        return new Address("127.0.0.1", server.getPort());
    }

    @Override
    public synchronized StreamObserver<SubscribeMessage> subscribe(StreamObserver<PolicyUpdate> out) {
        stream = out;
        return new StreamObserver<>() {
            @Override
            public void onNext(SubscribeMessage message) {
                received.add(message);
                if (message.hasSubscribe()) {
                    synchronized (PolicyModel.this) {
                        greeting.forEach(out::onNext);
                    }
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

    /** Nobody of this cluster has 10.0.0.3 but this pod. */
    @Override
    public void name(NameRequest request, StreamObserver<NameReply> answer) {
        NameReply.Builder reply = NameReply.newBuilder();
        for (ByteString address : request.getAddressesList()) {
            if (Ip.of(address.toByteArray()).toString().equals("10.0.0.3")) {
                reply.addHolders(Holder.newBuilder()
                        .setAddress(address)
                        .setPod(Pod.newBuilder().setNamespace("else").setName("where")));
            }
        }
        answer.onNext(reply.build());
        answer.onCompleted();
    }

    @Override
    public void report(ReportRequest request, StreamObserver<ReportReply> answer) {
        reports.add(request);
        if (reports.size() == 1) {
            answer.onError(
                    Status.UNAVAILABLE.withDescription("the first is refused").asRuntimeException());
            return;
        }
        answer.onNext(ReportReply.getDefaultInstance());
        answer.onCompleted();
    }

    /** What was reported, the refused ones too. */
    List<ReportRequest> reports() {
        return List.copyOf(reports);
    }

    synchronized void send(PolicyUpdate update) {
        stream.onNext(update);
    }

    /** Ends the stream as a replica that goes does. */
    synchronized void hangUp() {
        stream.onCompleted();
    }

    /** What the agent says next; null when it says nothing for long. */
    SubscribeMessage next() throws InterruptedException {
        return received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
