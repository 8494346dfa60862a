package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.UnsafeByteOperations;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.Binding;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.Ping;
import io.terway.wire.ipam.v1.Released;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.net.v1.Sandbox;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do what no agent does: each gets the status that says so, and an honest agent beside them notices nothing. */
@QuarkusTest
@QuarkusTestResource(value = ClusterModel.class, restrictToAnnotatedClass = true)
class MisbehaviourIT {

    private static int nodes;

    @Inject
    KubernetesClient kubernetes;

    @Inject
    IpamProcess process;

    private TestCluster cluster;
    private ScriptedAgent honest;
    private ScriptedAgent liar;
    private String own;

    @BeforeEach
    void connect() throws InterruptedException {
        cluster = new TestCluster(kubernetes);
        cluster.config("{\"min_pool_size\": 2, \"max_pool_size\": 3}");
        TestCluster.eventually(process::synced);
        honest = cluster.connected("honest-" + ++nodes);
        honest.await(message -> honest.offered.size() == 2);
        own = "liar-" + nodes;
        liar = cluster.connected(own);
        liar.await(message -> liar.offered.size() == 2);
    }

    @AfterEach
    void theHonestAgentNoticesNothing() throws InterruptedException {
        if (honest != null) {
            TestCluster.bind(honest, "p");
            assertEquals(List.of(), List.copyOf(honest.ended));
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private Status refused(Consumer<IpamGrpc.IpamBlockingStub> call) {
        var stub = IpamGrpc.newBlockingStub(cluster.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        return assertThrows(StatusRuntimeException.class, () -> call.accept(stub))
                .getStatus();
    }

    private AllocateRequest.Builder request() {
        return AllocateRequest.newBuilder()
                .setRequestId("r")
                .setSessionId(liar.session)
                .setNodeName(own)
                .setSandbox(Sandbox.newBuilder()
                        .setNetwork("terway")
                        .setContainerId("c")
                        .setIfName("eth0"))
                .setPod(Pod.newBuilder().setNamespace("shop").setName("p").setUid("u"))
                .addFamilies("IPV4")
                .setDeadlineMs(1_000);
    }

    private Status refusedAllocate(AllocateRequest.Builder request) {
        return refused(stub -> stub.allocate(request.build()));
    }

    private static LedgerEvent released(long sequence, long coolDownMs) {
        return LedgerEvent.newBuilder()
                .setSequence(sequence)
                .setReleased(Released.newBuilder()
                        .setSandbox(Sandbox.newBuilder()
                                .setNetwork("terway")
                                .setContainerId("gone")
                                .setIfName("eth0"))
                        .setPod(Pod.newBuilder().setNamespace("shop").setName("gone"))
                        .setCoolDownMs(coolDownMs))
                .build();
    }

    private Status refusedReport(LedgerEvent... events) {
        return refused(stub -> stub.report(ReportRequest.newBuilder()
                .setSessionId(liar.session)
                .addAllEvents(List.of(events))
                .build()));
    }

    @Test
    void anotherNodesNameIsDenied() {
        Status status = refusedAllocate(request().setNodeName("honest-" + nodes));

        assertEquals(Status.Code.PERMISSION_DENIED, status.getCode(), status::toString);
    }

    @Test
    void aSessionThatIsNotThereIsAFailedPrecondition() {
        assertEquals(
                Status.Code.FAILED_PRECONDITION,
                refusedAllocate(request().setSessionId("no-such-session")).getCode());
    }

    @Test
    void aSessionOfAFormerTermIsAFailedPrecondition() throws InterruptedException {
        String former = liar.session;
        long term = process.terms().current().orElseThrow().term();
        process.terms().lost(term);
        process.terms().elected(term + 1);
        honest.ended.take();
        honest.connect();
        honest.await(ServerMessage::hasWelcome);

        assertEquals(
                Status.Code.FAILED_PRECONDITION,
                refusedAllocate(request().setSessionId(former)).getCode());
        assertEquals(
                Status.Code.FAILED_PRECONDITION, refusedReport(released(1, 0)).getCode());
    }

    @Test
    void aSequenceFarAheadIsOutOfRangeAndTheRealOnesStillCount() throws InterruptedException {
        Status status = refusedReport(released(1L << 40, 0));

        assertEquals(Status.Code.OUT_OF_RANGE, status.getCode(), status::toString);
        assertTrue(status.getDescription().contains("ahead of the acknowledged"), status::toString);
        TestCluster.bind(liar, "q");
    }

    @Test
    void entriesOutOfOrderAreOutOfRange() {
        assertEquals(
                Status.Code.OUT_OF_RANGE,
                refusedReport(released(9, 0), released(8, 0)).getCode());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MAX_VALUE, (1L << 53) + 1})
    void numbersThatNobodyCanCountOnFromAreInvalid(long number) {
        assertEquals(
                Status.Code.INVALID_ARGUMENT, refusedReport(released(number, 0)).getCode());
        Status status = refusedReport(released(1, number));
        assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
        assertTrue(status.getDescription().contains("released.cool_down_ms"), status::toString);
    }

    @Test
    void unaryMessagesOutOfBoundsAreInvalid() {
        List<AllocateRequest.Builder> requests = new ArrayList<>(List.of(
                request().clearFamilies().addFamilies("IPV5"),
                request().clearFamilies(),
                request().addAllFamilies(List.of("IPV4", "IPV6", "IPV4")),
                request().setRequestId("x".repeat(129)),
                request().setNodeName("Not A Name"),
                request()
                        .setPod(Pod.newBuilder()
                                .setNamespace("shop")
                                .setName("p")
                                .setUid("u".repeat(129))),
                request().addRefused("no address"),
                request().putAnnotations("k8s.aliyun.com/x", "x".repeat(5_000))));
        var many = request();
        for (int i = 0; i < 1_001; i++) {
            many.addRefused("10.0.0." + i % 250);
        }
        requests.add(many);
        for (AllocateRequest.Builder request : requests) {
            Status status = refusedAllocate(request);
            assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode(), status::toString);
        }
        LedgerEvent[] flood = new LedgerEvent[1_001];
        for (int i = 0; i < flood.length; i++) {
            flood[i] = released(i + 1, 0);
        }
        assertEquals(Status.Code.INVALID_ARGUMENT, refusedReport(flood).getCode());
    }

    @Test
    void aHugeMessageCostsItsSenderTheCallOnly() {
        Status status =
                refusedAllocate(request().setRequestIdBytes(UnsafeByteOperations.unsafeWrap(new byte[5 << 20])));

        assertTrue(
                Set.of(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED, Status.Code.UNKNOWN)
                        .contains(status.getCode()),
                status::toString);
    }

    @ParameterizedTest
    @EnumSource(Talk.class)
    void whatNoAgentSaysEndsTheStreamAsInvalid(Talk talk) throws InterruptedException {
        BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
        StreamObserver<AgentMessage> out = IpamGrpc.newStub(cluster.channel).session(new StreamObserver<>() {
            @Override
            public void onNext(ServerMessage message) {}

            @Override
            public void onError(Throwable failure) {
                ended.add(Status.fromThrowable(failure));
            }

            @Override
            public void onCompleted() {
                ended.add(Status.OK);
            }
        });
        for (AgentMessage.Builder message : talk.messages) {
            out.onNext(message.build());
        }

        Status status = ended.poll(20, TimeUnit.SECONDS);

        assertEquals(Status.Code.INVALID_ARGUMENT, status == null ? null : status.getCode(), talk + ": " + status);
    }

    @Test
    void anAcknowledgementOfWhatWasNeverAskedChangesNothing() throws InterruptedException {
        List<String> offered = List.copyOf(liar.offered.keySet());
        liar.acknowledge(999, offered);
        liar.say(AgentMessage.newBuilder().setPing(Ping.newBuilder().setId(5)));
        liar.await(message -> message.hasPong() && message.getPong().getId() == 5);

        assertEquals(
                2,
                cluster.view(own).getAddressesList().stream()
                        .filter(line -> line.getState().equals("idle"))
                        .count());
    }

    @Test
    void anotherNodesAddressesAreNotTakenByALedgerThatClaimsThem() throws InterruptedException {
        liar.hangUp();
        var thief = new ScriptedAgent(cluster.channel, "thief-" + nodes);
        thief.offered.putAll(honest.offered);
        String stolen = honest.offered.keySet().iterator().next();
        thief.bound.put(
                "theft",
                Binding.newBuilder()
                        .setSandbox(Sandbox.newBuilder()
                                .setNetwork("terway")
                                .setContainerId("c")
                                .setIfName("eth0"))
                        .setPod(Pod.newBuilder()
                                .setNamespace("shop")
                                .setName("theft")
                                .setUid("theft"))
                        .addAddresses(honest.offered.get(stolen).getAddress())
                        .setSequence(1)
                        .build());
        thief.sequence = 1;
        thief.connect();
        thief.await(ServerMessage::hasWelcome);

        thief.await(message ->
                message.hasWithdraw() && message.getWithdraw().getAddressesCount() > 0); // it is asked to let go
        TestCluster.bind(honest, "a");
        TestCluster.bind(honest, "b");
        assertTrue(
                cluster.view("honest-" + nodes).getAddressesList().stream()
                        .anyMatch(line -> line.getAddress().getAddress().equals(stolen)
                                && Set.of("idle", "bound").contains(line.getState())),
                "it is where it was");
        var proposal = thief.allocate("more", Map.of());
        if (proposal.hasProposal()) {
            assertNotEquals(stolen, proposal.getProposal().getAddresses(0).getAddress());
        }
    }

    @Test
    void callsWithoutEndAreRefusedAboveTheirShareAndNobodyElses() {
        int share = 512;
        int more = 100;
        try (Flood flood = Flood.standStill(process.terms().current().orElseThrow());
                Flood beside = Flood.standStill(process.terms().current().orElseThrow())) {
            flood.ask(request().build(), share + more);
            TestCluster.eventually(() -> flood.refused.get() == more);

            beside.ask(request().setRequestId("another").build(), 1);
            flood.end();
            beside.end();

            TestCluster.eventually(() -> flood.answered.get() == share && beside.answered.get() == 1);
            assertEquals(more, flood.refused.get());
            assertEquals(0, beside.refused.get());
        }
    }

    @Test
    void aSecondSessionOfANodeEndsItsOwnFirst() throws InterruptedException {
        var second = new ScriptedAgent(cluster.channel, own);
        second.offered.putAll(liar.offered);
        second.connect();
        second.await(ServerMessage::hasWelcome);

        Status status = liar.ended.poll(20, TimeUnit.SECONDS);

        assertEquals(Status.Code.ABORTED, status == null ? null : status.getCode());
    }
}
