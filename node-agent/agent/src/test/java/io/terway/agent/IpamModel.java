package io.terway.agent;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.Hello;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.KnownPod;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.NodeConfig;
import io.terway.wire.ipam.v1.Offer;
import io.terway.wire.ipam.v1.Pending;
import io.terway.wire.ipam.v1.PodUpdate;
import io.terway.wire.ipam.v1.Proposal;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ReportResponse;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.Welcome;
import io.terway.wire.ipam.v1.Withdraw;
import io.terway.wire.ipam.v1.WithdrawAck;
import io.terway.wire.net.v1.Attachment;
import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.EniGroups;
import io.terway.wire.net.v1.Pod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** ipam-service as an agent meets it: one node, its offers, a view of who holds what. On loopback. */
final class IpamModel extends IpamGrpc.IpamImplBase implements AutoCloseable {

    /** How Allocate behaves. */
    enum Manner {
        CHOOSE,
        HANG
    }

    static final Eni ENI = Eni.newBuilder()
            .setId("eni-a")
            .setMac("00:16:3e:00:00:0a")
            .setVSwitchId("vsw-h")
            .addSubnets("10.0.64.0/20")
            .addSubnets("fd00:64::/64")
            .setPrimaryAddress("10.0.64.250")
            .build();

    /** The ENIs of a node in each mode, its addresses in the order they are offered, and how they connect. */
    record Stock(List<Eni> enis, List<EniAddress> addresses, Attachment attachment) {}

    final BlockingQueue<Hello> hellos = new LinkedBlockingQueue<>();
    final BlockingQueue<LedgerPart> parts = new LinkedBlockingQueue<>();
    final BlockingQueue<WithdrawAck> acks = new LinkedBlockingQueue<>();
    final BlockingQueue<LedgerEvent> events = new LinkedBlockingQueue<>();
    final BlockingQueue<AllocateRequest> requests = new LinkedBlockingQueue<>();
    /** Those of them that hung until the agent took them back. */
    final BlockingQueue<AllocateRequest> cancelled = new LinkedBlockingQueue<>();

    private final Server server;
    private final int port;
    private final List<EniAddress> offered = new ArrayList<>();
    private final Set<String> held = new LinkedHashSet<>();
    private final List<KnownPod> pods = new ArrayList<>();
    private volatile Manner manner = Manner.CHOOSE;
    private volatile long term = 1;
    private volatile Status refusal = Status.OK;
    private volatile NodeConfig config = NodeConfig.newBuilder()
            .setRevision(1)
            .setNetworkMode("ENIIP")
            .setVirtualType("Veth")
            .setIpStack("ipv4")
            .setCoolDownMs(30_000)
            .setDisableNetworkPolicy(true) // there is no policy-service here
            .build();
    private Stock stock = new Stock(List.of(ENI), List.of(), Attachment.SHARED);
    private final IpamMemory memory = new IpamMemory();
    private final Map<String, Eni> own = new HashMap<>();
    private StreamObserver<ServerMessage> session;
    private String ledgerId = "";
    private long sequence;
    private long number = 100;
    private long acknowledged;
    private int sessions;

    IpamModel() throws IOException {
        this(0);
    }

    IpamModel(int wanted) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted))
                .addService(this)
                .build()
                .start();
        this.port = server.getPort();
    }

    int port() {
        return port;
    }

    void behave(Manner how) {
        manner = how;
    }

    /** Ends the session and those to come with this; OK: they are welcomed again. */
    synchronized void refuse(Status status) {
        refusal = status;
        StreamObserver<ServerMessage> open = session;
        if (open != null && !status.isOk()) {
            session = null;
            open.onError(status.asRuntimeException());
        }
    }

    /** Has lost what it knew of the node. */
    synchronized void forgetNode() {
        memory.forget();
        held.clear();
    }

    /** What it was told of this sandbox did not arrive. */
    synchronized void forgetReports(String container) {
        memory.forget(container);
    }

    /** Has lost its configuration, as a leader that has just begun. */
    void forgetConfig() {
        config = config.toBuilder().setRevision(0).setCoolDownMs(1).build();
    }

    void term(long now) {
        term = now;
    }

    /** Offers 10.0.64.from and the ones that follow, with fd00:64::from in a dual stack, now or with the next session. */
    synchronized void offer(int from, int count) {
        List<EniAddress> fresh = new ArrayList<>();
        EniAddress.Builder address = EniAddress.newBuilder().setEniId(ENI.getId());
        for (int i = from; i < from + count; i++) {
            fresh.add(address.setAddress("10.0.64." + i).build());
            if (config.getIpStack().equals("dual")) {
                fresh.add(
                        address.setAddress("fd00:64::" + Integer.toHexString(i)).build());
            }
        }
        offered.addAll(fresh);
        send(message().setOffer(offerOf(fresh)));
    }

    void coolDown(int millis) {
        config = config.toBuilder().setCoolDownMs(millis).build();
    }

    /** Changes the configuration. Before the first session. */
    void configure(Consumer<NodeConfig.Builder> change) {
        NodeConfig.Builder next = config.toBuilder();
        change.accept(next);
        config = next.build();
    }

    /** This pod alone gets this ENI, by its first address and, in a dual stack, the one like it. Before the first session. */
    synchronized void own(String pod, Eni eni) {
        List<Eni> enis = new ArrayList<>(stock.enis());
        enis.add(eni);
        stock = new Stock(enis, stock.addresses(), stock.attachment());
        EniAddress.Builder address = EniAddress.newBuilder().setEniId(eni.getId());
        offered.add(address.setAddress(eni.getPrimaryAddress()).build());
        if (config.getIpStack().equals("dual")) {
            offered.add(address.setAddress("fd00:64::ffff").build());
        }
        own.put(pod, eni);
    }

    void ipStack(String stack) {
        config = config.toBuilder().setIpStack(stack).build();
    }

    /** Configures a node of this mode whose addresses hardly cool down, and offers what it has. Before the first session. */
    synchronized void serve(String mode, Stock all) {
        config = config.toBuilder().setNetworkMode(mode).setCoolDownMs(0).build();
        stock = all;
        offered.addAll(all.addresses());
    }

    /** True when an ADD of this sandbox has asked. */
    boolean asked(String container) {
        return requests.stream().anyMatch(r -> r.getSandbox().getContainerId().equals(container));
    }

    synchronized void withdraw(String... addresses) {
        send(message().setWithdraw(Withdraw.newBuilder().setNumber(++number).addAllAddresses(List.of(addresses))));
    }

    /** What it offers has these security groups by now. */
    synchronized void regroup(EniGroups groups) {
        List<Eni> enis = stock.enis().stream()
                .map(eni -> eni.toBuilder().setGroups(groups).build())
                .toList();
        stock = new Stock(enis, stock.addresses(), stock.attachment());
        send(message().setOffer(offerOf(offered)));
    }

    void push(String pod) {
        push(pod, Map.of());
    }

    synchronized void push(String pod, Map<String, String> annotations) {
        KnownPod known = KnownPod.newBuilder()
                .putAllAnnotations(annotations)
                .setPod(Pod.newBuilder().setNamespace("default").setName(pod).setUid("uid-" + pod))
                .build();
        pods.add(known);
        send(message().setPods(PodUpdate.newBuilder().addPods(known)));
    }

    /** The API server knows the pod no more. */
    synchronized void gone(String pod) {
        pods.removeIf(known -> known.getPod().getName().equals(pod));
        send(message().setPods(PodUpdate.newBuilder().addGone("uid-" + pod)));
    }

    private Offer offerOf(List<EniAddress> addresses) {
        return Offer.newBuilder()
                .setNumber(++number)
                .addAllEnis(stock.enis())
                .addAllAddresses(addresses)
                .build();
    }

    private ServerMessage.Builder message() {
        return ServerMessage.newBuilder().setTerm(term);
    }

    private void send(ServerMessage.Builder message) {
        if (session != null) {
            session.onNext(message.build());
        }
    }

    @Override
    public StreamObserver<AgentMessage> session(StreamObserver<ServerMessage> answer) {
        return new StreamObserver<>() {
            @Override
            public void onNext(AgentMessage message) {
                switch (message.getMessageCase()) {
                    case HELLO -> hello(message.getHello(), answer);
                    case LEDGER -> ledger(message.getLedger(), answer);
                    case WITHDRAW_ACK -> acks.add(message.getWithdrawAck());
                    case PING, MESSAGE_NOT_SET -> {}
                }
            }

            @Override
            public void onError(Throwable gone) {
                end(answer);
            }

            @Override
            public void onCompleted() {
                end(answer);
            }
        };
    }

    private synchronized void hello(Hello hello, StreamObserver<ServerMessage> answer) {
        hellos.add(hello);
        ledgerId = hello.getLedgerId();
        sequence = hello.getLedgerSequence();
        if (hello.getRebuilding() && refusal.isOk()) {
            answer.onNext(message()
                    .setLastView(memory.view(offered, stock.enis(), number))
                    .build());
        } else if (hello.getRebuilding()) {
            answer.onError(refusal.asRuntimeException());
        }
    }

    private synchronized void end(StreamObserver<ServerMessage> answer) {
        if (session == answer) {
            session = null;
        }
    }

    private synchronized void ledger(LedgerPart part, StreamObserver<ServerMessage> answer) {
        parts.add(part);
        Optional<String> doubt = memory.doubt(ledgerId, sequence, part);
        if (doubt.isPresent()) {
            answer.onError(Status.FAILED_PRECONDITION
                    .withDescription("quarantined: " + doubt.get())
                    .asRuntimeException());
            return;
        }
        memory.took(ledgerId, sequence, part);
        part.getBindingsList().forEach(b -> b.getAddressesList().forEach(a -> held.add(a.getAddress())));
        part.getOfferedList().forEach(o -> number = Math.max(number, o.getNumber()));
        if (!part.getLast()) {
            return;
        }
        if (!refusal.isOk()) {
            answer.onError(refusal.asRuntimeException());
            return;
        }
        session = answer;
        send(message()
                .setWelcome(Welcome.newBuilder()
                        .setSessionId("session-" + ++sessions)
                        .setAcknowledgedSequence(acknowledged)
                        .setConfig(config)));
        send(message().setPods(PodUpdate.newBuilder().setFull(true).addAllPods(pods)));
        if (!offered.isEmpty()) {
            send(message().setOffer(offerOf(offered)));
        }
    }

    @Override
    public void allocate(AllocateRequest request, StreamObserver<AllocateResponse> answer) {
        requests.add(request);
        if (manner == Manner.HANG) {
            ((ServerCallStreamObserver<AllocateResponse>) answer).setOnCancelHandler(() -> cancelled.add(request));
            return;
        }
        answer.onNext(choose(request));
        answer.onCompleted();
    }

    private synchronized AllocateResponse choose(AllocateRequest request) {
        AllocateResponse.Builder response = AllocateResponse.newBuilder().setTerm(term);
        List<EniAddress> chosen = new ArrayList<>();
        Eni alone = own.get(request.getPod().getName());
        List<String> others = own.values().stream().map(Eni::getId).toList();
        for (String family : request.getFamiliesList()) {
            offered.stream()
                    .filter(a -> a.getAddress().contains(":") == family.equals("IPV6"))
                    .filter(a -> alone == null
                            ? !others.contains(a.getEniId())
                            : a.getEniId().equals(alone.getId()))
                    .filter(a -> !held.contains(a.getAddress()))
                    .filter(a -> !request.getRefusedList().contains(a.getAddress()))
                    .findFirst()
                    .ifPresent(chosen::add);
        }
        if (chosen.size() < request.getFamiliesCount()) {
            return response.setPending(
                            Pending.newBuilder().setRetryAfterMs(5000).setReason("creating an ENI in vsw-h"))
                    .build();
        }
        return response.setProposal(Proposal.newBuilder()
                        .addAllAddresses(chosen)
                        .setAttachment(alone == null ? stock.attachment() : Attachment.EXCLUSIVE))
                .build();
    }

    @Override
    public void report(ReportRequest request, StreamObserver<ReportResponse> answer) {
        answer.onNext(learn(request));
        answer.onCompleted();
    }

    private synchronized ReportResponse learn(ReportRequest request) {
        for (LedgerEvent event : request.getEventsList()) {
            event.getBound().getAddressesList().forEach(a -> held.add(a.getAddress()));
            held.removeAll(event.getReleased().getAddressesList());
            acknowledged = event.getSequence();
            memory.heard(event);
            events.add(event);
        }
        return ReportResponse.newBuilder()
                .setTerm(term)
                .setAcknowledgedSequence(acknowledged)
                .build();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
