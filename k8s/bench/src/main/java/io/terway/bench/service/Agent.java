package io.terway.bench.service;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.Binding;
import io.terway.wire.ipam.v1.Hello;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.OfferedAddress;
import io.terway.wire.ipam.v1.Ping;
import io.terway.wire.ipam.v1.Released;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ReportResponse;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.net.v1.Sandbox;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One node's agent: a connection of its own with its own token, a session, and the two calls of a pod's life. */
final class Agent implements AutoCloseable {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final int FIRST_SEQUENCE = 1_000_000;

    private final int number;
    private final int bound;
    private final int offered;
    private ManagedChannel channel;
    private IpamGrpc.IpamStub stub;
    private StreamObserver<AgentMessage> out;
    private volatile String session = "";
    private long sequence = FIRST_SEQUENCE;

    /** @param bound pods that its ledger holds addresses of, the first ones of so many offered */
    Agent(int number, int bound, int offered) {
        this.number = number;
        this.bound = bound;
        this.offered = offered;
    }

    static String podName(int pod) {
        return "shop-7c5ddbdf54-" + pod;
    }

    static String podUid(int pod) {
        return "00000000-0000-4000-8000-%012d".formatted(pod);
    }

    int number() {
        return number;
    }

    /** Opens a connection and a session; done at Welcome. */
    CompletableFuture<Void> connect(String host, int port, Optional<SslContext> ssl, long term) {
        close();
        Metadata headers = new Metadata();
        // As long as a real token.
        headers.put(AUTHORIZATION, "Bearer agent-of-node-" + number + "-" + "x".repeat(1_000));
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(host, port)
                .overrideAuthority("terway-ipam")
                .directExecutor()
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
        ssl.ifPresentOrElse(builder::sslContext, builder::usePlaintext);
        channel = builder.build();
        stub = IpamGrpc.newStub(channel);
        var welcome = new CompletableFuture<Void>();
        out = stub.session(new StreamObserver<>() {
            @Override
            public void onNext(ServerMessage message) {
                if (message.hasWelcome()) {
                    session = message.getWelcome().getSessionId();
                    welcome.complete(null);
                }
            }

            @Override
            public void onError(Throwable failure) {
                session = "";
                welcome.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {}
        });
        out.onNext(AgentMessage.newBuilder().setHello(hello(term)).build());
        out.onNext(AgentMessage.newBuilder().setLedger(ledger()).build());
        return welcome;
    }

    /** As every 10 s: a silent session ends. */
    void ping() {
        if (!session.isEmpty()) {
            out.onNext(AgentMessage.newBuilder()
                    .setPing(Ping.newBuilder().setId(1))
                    .build());
        }
    }

    void allocate(int pod, StreamObserver<AllocateResponse> answer) {
        stub.allocate(
                AllocateRequest.newBuilder()
                        .setRequestId("request-" + pod)
                        .setSessionId(session)
                        .setNodeName("node-" + number)
                        .setSandbox(sandbox(pod))
                        .setPod(pod(pod))
                        .addFamilies("IPV4")
                        .setDeadlineMs(55_000)
                        .build(),
                answer);
    }

    /** One report of a bind, and of its release unless the pod stays. */
    void report(int pod, EniAddress address, boolean stays, StreamObserver<ReportResponse> answer) {
        Binding binding = binding(pod, address, ++sequence);
        ReportRequest.Builder report = ReportRequest.newBuilder()
                .setSessionId(session)
                .addEvents(LedgerEvent.newBuilder().setSequence(sequence).setBound(binding));
        if (!stays) {
            report.addEvents(LedgerEvent.newBuilder()
                    .setSequence(++sequence)
                    .setReleased(Released.newBuilder()
                            .setSandbox(binding.getSandbox())
                            .setPod(binding.getPod())
                            .addAddresses(address.getAddress())));
        }
        stub.report(report.build(), answer);
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    private Hello hello(long term) {
        return Hello.newBuilder()
                .setNodeName("node-" + number)
                .setNodeUid("uid-" + number)
                .setInstanceId("i-" + number)
                .setLedgerId("ledger-" + number)
                .setBootId("boot")
                .setHighestTerm(term)
                .setLedgerSequence(sequence)
                .setZone("cn-hangzhou-h")
                .setInstanceType("ecs.g7.4xlarge")
                .setRegion("cn-hangzhou")
                .build();
    }

    private LedgerPart ledger() {
        LedgerPart.Builder ledger = LedgerPart.newBuilder().setLast(true);
        for (int i = 0; i < offered; i++) {
            EniAddress address = EniAddress.newBuilder()
                    .setAddress(ModelCloud.address(number, i))
                    .setEniId("eni-" + number)
                    .build();
            ledger.addOffered(OfferedAddress.newBuilder().setAddress(address).setNumber(1));
            if (i < bound) {
                ledger.addBindings(binding(number * bound + i, address, i + 1));
            }
        }
        return ledger.build();
    }

    private static Binding binding(int pod, EniAddress address, long sequence) {
        return Binding.newBuilder()
                .setSandbox(sandbox(pod))
                .setPod(pod(pod))
                .addAddresses(address)
                .setSequence(sequence)
                .build();
    }

    private static Sandbox sandbox(int pod) {
        return Sandbox.newBuilder()
                .setNetwork("terway")
                .setContainerId("%064x".formatted(pod))
                .setIfName("eth0")
                .build();
    }

    private static Pod pod(int pod) {
        return Pod.newBuilder()
                .setNamespace("shop")
                .setName(podName(pod))
                .setUid(podUid(pod))
                .build();
    }
}
