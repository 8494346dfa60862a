package io.terway.lab.e2e;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.terway.link.LeaderChannel;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.Binding;
import io.terway.wire.ipam.v1.Hello;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.Offer;
import io.terway.wire.ipam.v1.OfferedAddress;
import io.terway.wire.ipam.v1.Released;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.Withdraw;
import io.terway.wire.ipam.v1.WithdrawAck;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.net.v1.Sandbox;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a node's agent does: a session with whoever leads, opened again with its ledger when it ends; pods that begin and end.
 * Nothing of its own is bound beside what it was offered and answered.
 */
final class PodMaker implements StreamObserver<ServerMessage> {
    private static final long PATIENCE_SECONDS = 120;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LeaderChannel leader;
    private final TestNode node;
    private final Map<String, OfferedAddress> offered = new ConcurrentHashMap<>();
    private final Map<String, OfferedAddress> withdrawn = new ConcurrentHashMap<>();
    private final Map<String, Binding> bound = new ConcurrentHashMap<>();
    private long sequence;
    private int pods;
    private volatile long term;
    private volatile String session = "";
    private volatile CountDownLatch welcome = new CountDownLatch(1);
    private volatile Status ended = Status.OK;
    private volatile StreamObserver<AgentMessage> out;

    PodMaker(LeaderChannel leader, TestNode node) {
        this.leader = leader;
        this.node = node;
    }

    /** Begins a pod and gives its address; the node keeps it. */
    String begin() {
        return begin(pod(node.name() + "-" + ++pods), Map.of());
    }

    /** The same for a pod that the API server knows, with its annotations. */
    String begin(Pod pod, Map<String, String> annotations) {
        Binding binding = answered(channel -> bound(channel, pod, annotations));
        report(LedgerEvent.newBuilder().setSequence(sequence).setBound(binding).build());
        return binding.getAddresses(0).getAddress();
    }

    /** Ends the pod that has had its address longest. */
    void end() {
        end(node.name() + "-" + (pods - bound.size() + 1));
    }

    /** Ends the pod of this name. */
    void end(String pod) {
        Binding binding = bound.remove(pod);
        report(LedgerEvent.newBuilder()
                .setSequence(++sequence)
                .setReleased(Released.newBuilder()
                        .setSandbox(binding.getSandbox())
                        .setPod(binding.getPod())
                        .addAddresses(binding.getAddresses(0).getAddress()))
                .build());
    }

    List<String> addresses() {
        return bound.values().stream()
                .map(binding -> binding.getAddresses(0).getAddress())
                .toList();
    }

    TestNode node() {
        return node;
    }

    long term() {
        return term;
    }

    /** How the last session ended. */
    Status ended() {
        return ended;
    }

    /** Opens a session wherever the channel leads; true once it is welcome. */
    boolean connect() {
        Channel channel = leader.current().orElse(null);
        if (channel == null) {
            leader.refresh();
            return false;
        }
        welcome = new CountDownLatch(1);
        out = IpamGrpc.newStub(channel).session(this);
        out.onNext(AgentMessage.newBuilder().setHello(hello()).build());
        out.onNext(AgentMessage.newBuilder()
                .setLedger(LedgerPart.newBuilder()
                        .addAllBindings(bound.values())
                        .addAllOffered(offered.values())
                        .addAllWithdrawn(withdrawn.values())
                        .setLast(true))
                .build());
        try {
            return welcome.await(10, TimeUnit.SECONDS) && !session.isEmpty();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Hello hello() {
        return Hello.newBuilder()
                .setNodeName(node.name())
                .setNodeUid(node.uid())
                .setInstanceId(node.id())
                .setLedgerId("ledger-" + node.name())
                .setBootId("boot")
                .setHighestTerm(term)
                .setLedgerSequence(sequence)
                .setZone(node.zone())
                .setInstanceType("ecs.g7.4xlarge")
                .setRegion("cn-hangzhou")
                .build();
    }

    /** The pod with the address that it was answered, if that may be used; null: not yet. */
    private Binding bound(Channel channel, Pod pod, Map<String, String> annotations) {
        AllocateResponse response = allocate(channel, pod, annotations);
        synchronized (this) { // a withdrawal may come meanwhile
            if (!offered.containsKey(response.getProposal().getAddressesList().stream()
                    .findFirst()
                    .map(EniAddress::getAddress)
                    .orElse(""))) {
                return null;
            }
            Binding binding = Binding.newBuilder()
                    .setSandbox(sandbox(pod))
                    .setPod(pod)
                    .addAddresses(response.getProposal().getAddresses(0))
                    .setFixed(response.getProposal().getFixed())
                    .setSequence(++sequence)
                    .build();
            bound.put(pod.getName(), binding);
            return binding;
        }
    }

    private AllocateResponse allocate(Channel channel, Pod pod, Map<String, String> annotations) {
        return IpamGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .allocate(AllocateRequest.newBuilder()
                        .setRequestId("request-" + pod.getUid())
                        .setSessionId(session)
                        .setNodeName(node.name())
                        .setSandbox(sandbox(pod))
                        .setPod(pod)
                        .addFamilies("IPV4")
                        .putAllAnnotations(annotations)
                        .setDeadlineMs(60_000)
                        .build());
    }

    private void report(LedgerEvent event) {
        answered(channel -> IpamGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .report(ReportRequest.newBuilder()
                        .setSessionId(session)
                        .addEvents(event)
                        .build()));
    }

    /** Asks until there is an answer, in a new session when the one before has ended. */
    private <T> T answered(java.util.function.Function<Channel, T> call) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String last = "nothing";
        while (System.nanoTime() < deadline) {
            try {
                if (!session.isEmpty() || connect()) {
                    T answer = call.apply(leader.current().orElseThrow());
                    if (answer != null) {
                        return answer;
                    }
                } else {
                    leader.refresh();
                }
                last = ended.toString();
            } catch (StatusRuntimeException e) {
                last = e.getMessage();
                session = "";
                leader.refresh();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new AssertionError(node.name() + " gets no answer: " + last);
    }

    @Override
    public void onNext(ServerMessage message) {
        term = Math.max(term, message.getTerm());
        switch (message.getMessageCase()) {
            case WELCOME -> {
                session = message.getWelcome().getSessionId();
                welcome.countDown();
            }
            case OFFER -> take(message.getOffer());
            case WITHDRAW -> letGo(message.getWithdraw());
            case CONFIG, PODS, PONG, MESSAGE_NOT_SET -> {}
        }
    }

    /** Of everything but what a pod has. */
    private synchronized void letGo(Withdraw withdraw) {
        List<String> held = addresses();
        WithdrawAck.Builder answer = WithdrawAck.newBuilder().setNumber(withdraw.getNumber());
        for (String address : withdraw.getAddressesList()) {
            if (held.contains(address)) {
                answer.addKept(address);
            } else {
                answer.addWithdrawn(address);
                OfferedAddress before = offered.remove(address);
                if (before != null) {
                    withdrawn.put(
                            address,
                            before.toBuilder().setNumber(withdraw.getNumber()).build());
                }
            }
        }
        out.onNext(AgentMessage.newBuilder().setWithdrawAck(answer).build());
    }

    private synchronized void take(Offer offer) {
        for (EniAddress address : offer.getAddressesList()) {
            withdrawn.remove(address.getAddress());
            offered.put(
                    address.getAddress(),
                    OfferedAddress.newBuilder()
                            .setAddress(address)
                            .setNumber(offer.getNumber())
                            .build());
        }
    }

    @Override
    public void onError(Throwable failure) {
        ended = Status.fromThrowable(failure);
        session = "";
        welcome.countDown();
    }

    @Override
    public void onCompleted() {
        onError(Status.CANCELLED.asRuntimeException());
    }

    private static Sandbox sandbox(Pod pod) {
        return Sandbox.newBuilder()
                .setNetwork("terway")
                .setContainerId("c-" + pod.getUid())
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
