package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.terway.net.NodeName;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that answers when the test says so. */
class CallLimitTest {

    private static final int MOST = 3;
    private static final Metadata.Key<String> NODE = Metadata.Key.of("node", Metadata.ASCII_STRING_MARSHALLER);

    private final BlockingQueue<StreamObserver<String>> waiting = new LinkedBlockingQueue<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private GrpcPort port;

    private void serve(ServerInterceptor identity) {
        port = GrpcPort.open(
                new InetSocketAddress("127.0.0.1", 0),
                new Tls.Plaintext(),
                Who.served((_, out) -> waiting.add(out)),
                List.of(identity, new CallLimit(MOST)));
    }

    /** Who calls is in a header, for once. */
    private static ServerInterceptor byHeader() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var caller = new Caller.NodeAgent(new NodeName(headers.get(NODE)));
                return Contexts.interceptCall(Context.current().withValue(Caller.KEY, caller), call, headers, next);
            }
        };
    }

    private ManagedChannel channel(String node) {
        Metadata headers = new Metadata();
        headers.put(NODE, node);
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port.number())
                .usePlaintext()
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
        channels.add(channel);
        return channel;
    }

    private static ListenableFuture<String> ask(ManagedChannel channel) {
        return ClientCalls.futureUnaryCall(channel.newCall(Who.AM, CallOptions.DEFAULT), "hello");
    }

    private void answerOne() throws InterruptedException {
        StreamObserver<String> out = waiting.poll(20, TimeUnit.SECONDS);
        out.onNext("answer");
        out.onCompleted();
    }

    private static Status.Code endOf(ListenableFuture<String> call) throws Exception {
        try {
            call.get(20, TimeUnit.SECONDS);
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause()).getCode();
        }
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        port.close();
    }

    @Test
    void aCallerIsRefusedAboveItsShareOnAllItsConnectionsTogetherAndOthersAreNot() throws Exception {
        serve(byHeader());
        List<ListenableFuture<String>> share = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            share.add(ask(channel("greedy")));
        }
        List<StreamObserver<String>> held = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            held.add(waiting.poll(20, TimeUnit.SECONDS));
        }

        assertEquals(Status.Code.RESOURCE_EXHAUSTED, endOf(ask(channel("greedy"))));
        ListenableFuture<String> other = ask(channel("modest"));
        answerOne();

        assertEquals(Status.Code.OK, endOf(other));
        assertFalse(share.stream().anyMatch(ListenableFuture::isDone));
        waiting.addAll(held);
        for (ListenableFuture<String> call : share) {
            answerOne();
        }
        for (ListenableFuture<String> call : share) {
            assertEquals(Status.Code.OK, endOf(call));
        }
    }

    @Test
    void anAnswerAndAHangUpBothMakeRoom() throws Exception {
        serve(byHeader());
        ManagedChannel channel = channel("node");
        for (int round = 0; round < 4 * MOST; round++) {
            ListenableFuture<String> call = ask(channel);
            if (round % 2 == 0) {
                answerOne();
                assertEquals(Status.Code.OK, endOf(call));
            } else {
                waiting.poll(20, TimeUnit.SECONDS);
                call.cancel(true);
            }
        }
    }

    @Test
    void whereNobodyIsVerifiedEachConnectionHasItsShare() throws Exception {
        serve(new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                return next.startCall(call, headers);
            }
        });
        ManagedChannel greedy = channel("any");
        for (int i = 0; i < MOST; i++) {
            ask(greedy);
        }
        for (int i = 0; i < MOST; i++) {
            waiting.poll(20, TimeUnit.SECONDS);
        }

        assertEquals(Status.Code.RESOURCE_EXHAUSTED, endOf(ask(greedy)));
        ListenableFuture<String> other = ask(channel("any"));
        answerOne();

        assertEquals(Status.Code.OK, endOf(other));
    }
}
