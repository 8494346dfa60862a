package io.terway.ipam.grpc;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.Binding;
import io.terway.wire.ipam.v1.Hello;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.OfferedAddress;
import io.terway.wire.ipam.v1.Released;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.WithdrawAck;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.net.v1.Sandbox;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An agent that does what the test says, with a ledger in memory. */
final class ScriptedAgent implements StreamObserver<ServerMessage> {

    final Map<String, OfferedAddress> offered = new LinkedHashMap<>();
    final Map<String, Binding> bound = new LinkedHashMap<>();
    final BlockingQueue<ServerMessage> heard = new LinkedBlockingQueue<>();
    final BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
    private final Channel channel;
    private final String node;
    String ledgerId;
    long highestTerm;
    long sequence;
    String session = "";
    private StreamObserver<AgentMessage> out;

    ScriptedAgent(Channel channel, String node) {
        this.channel = channel;
        this.node = node;
        ledgerId = "ledger-" + node;
    }

    void connect() {
        out = IpamGrpc.newStub(channel).session(this);
        out.onNext(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setNodeName(node)
                        .setNodeUid("uid-" + node)
                        .setInstanceId("i-" + node)
                        .setLedgerId(ledgerId)
                        .setBootId("boot")
                        .setHighestTerm(highestTerm)
                        .setLedgerSequence(sequence)
                        .setZone("cn-hangzhou-h")
                        .setInstanceType("ecs.g7.xlarge")
                        .setRegion("cn-hangzhou"))
                .build());
        out.onNext(AgentMessage.newBuilder()
                .setLedger(LedgerPart.newBuilder()
                        .addAllBindings(bound.values())
                        .addAllOffered(offered.values())
                        .setLast(true))
                .build());
    }

    /** Reads until a message fits; offers on the way are taken into the ledger. */
    ServerMessage await(Predicate<ServerMessage> expected) throws InterruptedException {
        for (ServerMessage message; (message = heard.poll(20, TimeUnit.SECONDS)) != null; ) {
            if (message.hasWelcome()) {
                session = message.getWelcome().getSessionId();
            }
            if (message.hasOffer()) {
                for (EniAddress address : message.getOffer().getAddressesList()) {
                    offered.put(
                            address.getAddress(),
                            OfferedAddress.newBuilder()
                                    .setAddress(address)
                                    .setNumber(message.getOffer().getNumber())
                                    .build());
                }
            }
            if (expected.test(message)) {
                return message;
            }
        }
        throw new AssertionError("the expected message did not come in 20 s; ended: " + ended);
    }

    AllocateResponse allocate(String pod) {
        return allocate(pod, Map.of());
    }

    AllocateResponse allocate(String pod, Map<String, String> annotations) {
        return IpamGrpc.newBlockingStub(channel)
                .allocate(AllocateRequest.newBuilder()
                        .setRequestId("request-" + pod)
                        .setSessionId(session)
                        .setNodeName(node)
                        .setSandbox(sandbox(pod))
                        .setPod(pod(pod))
                        .addFamilies("IPV4")
                        .putAllAnnotations(annotations)
                        .setDeadlineMs(60_000)
                        .build());
    }

    long bind(String pod, EniAddress address) {
        Binding binding = Binding.newBuilder()
                .setSandbox(sandbox(pod))
                .setPod(pod(pod))
                .addAddresses(address)
                .setSequence(++sequence)
                .build();
        bound.put(pod, binding);
        return report(LedgerEvent.newBuilder().setSequence(sequence).setBound(binding));
    }

    long release(String pod, long coolDownMs) {
        Binding binding = bound.remove(pod);
        return report(LedgerEvent.newBuilder()
                .setSequence(++sequence)
                .setReleased(Released.newBuilder()
                        .setSandbox(binding.getSandbox())
                        .setPod(binding.getPod())
                        .addAddresses(binding.getAddresses(0).getAddress())
                        .setCoolDownMs(coolDownMs)));
    }

    void acknowledge(long number, List<String> withdrawn) {
        withdrawn.forEach(offered::remove);
        out.onNext(AgentMessage.newBuilder()
                .setWithdrawAck(WithdrawAck.newBuilder().setNumber(number).addAllWithdrawn(withdrawn))
                .build());
    }

    void say(AgentMessage.Builder message) {
        out.onNext(message.build());
    }

    void hangUp() {
        out.onCompleted();
    }

    @Override
    public void onNext(ServerMessage message) {
        heard.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        ended.add(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
        ended.add(Status.OK);
    }

    private long report(LedgerEvent.Builder event) {
        return IpamGrpc.newBlockingStub(channel)
                .report(ReportRequest.newBuilder()
                        .setSessionId(session)
                        .addEvents(event)
                        .build())
                .getAcknowledgedSequence();
    }

    private static Sandbox sandbox(String pod) {
        return Sandbox.newBuilder()
                .setNetwork("terway")
                .setContainerId("c-" + pod)
                .setIfName("eth0")
                .build();
    }

    private static Pod pod(String pod) {
        return Pod.newBuilder()
                .setNamespace("shop")
                .setName(pod)
                .setUid("uid-" + pod)
                .build();
    }
}
