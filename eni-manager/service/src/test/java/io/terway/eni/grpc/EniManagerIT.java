package io.terway.eni.grpc;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.terway.eni.audit.AuditEvent;
import io.terway.eni.audit.AuditTrail;
import io.terway.eni.config.EniManagerConfig;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.DeleteEniRequest;
import io.terway.wire.eni.v1.DescribeInstanceRequest;
import io.terway.wire.eni.v1.EniManagerGrpc;
import io.terway.wire.eni.v1.EniManagerGrpc.EniManagerBlockingStub;
import io.terway.wire.eni.v1.EniOutcome;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.InstanceUpdate;
import io.terway.wire.eni.v1.ListVSwitchesRequest;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.StatusRequest;
import io.terway.wire.eni.v1.StatusResponse;
import io.terway.wire.eni.v1.UnassignRequest;
import io.terway.wire.eni.v1.WatchRequest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole service over gRPC and HTTP, with the twin behind it. */
@QuarkusTest
@QuarkusTestResource(TwinResource.class)
class EniManagerIT {

    private static final String NODE = "i-bp1node00001";

    @Inject
    EniManagerConfig config;

    @Inject
    AuditTrail audit;

    @Inject
    MeterRegistry metrics;

    private ManagedChannel channel;

    @BeforeEach
    void dial() {
        int port = ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    @AfterEach
    void hangUp() {
        channel.shutdownNow();
    }

    private EniManagerBlockingStub manager() {
        return EniManagerGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private EniOutcome create(int ipv4) {
        return manager()
                .createEni(CreateEniRequest.newBuilder()
                        .setOperationId(UUID.randomUUID().toString())
                        .setInstanceId(NODE)
                        .addVSwitchIds("vsw-bp1pod-h")
                        .setIpv4Count(ipv4)
                        .putTags("team", "net")
                        .build());
    }

    private Outcome delete(String eni) {
        return manager()
                .deleteEni(DeleteEniRequest.newBuilder()
                        .setOperationId(UUID.randomUUID().toString())
                        .setInstanceId(NODE)
                        .setEniId(eni)
                        .build());
    }

    @Test
    void aTermBelowTheHighestSeenIsRefusedNamingBoth() {
        DeleteEniRequest request = DeleteEniRequest.newBuilder()
                .setOperationId(UUID.randomUUID().toString())
                .setInstanceId(NODE)
                .setEniId("eni-none")
                .setTerm(7)
                .build();
        manager().deleteEni(request);

        StatusRuntimeException refused = assertThrows(
                StatusRuntimeException.class,
                () -> manager().deleteEni(request.toBuilder().setTerm(3).build()));

        assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
        assertEquals(
                "term 3 of ipam-service is over: term 7 was seen; look for the new leader",
                refused.getStatus().getDescription());
        assertEquals("7", refused.getTrailers().get(Answers.SEEN_TERM));
    }

    private static String management(String path) {
        int port = ConfigProvider.getConfig().getValue("quarkus.management.port", Integer.class);
        return "http://127.0.0.1:" + port + path;
    }

    private static <T> T await(Iterator<T> stream, Predicate<T> wanted) {
        while (stream.hasNext()) {
            T next = stream.next();
            if (wanted.test(next)) {
                return next;
            }
        }
        throw new AssertionError("the stream ended");
    }

    @Test
    void anEniLivesFromOrderToRemoval() {
        EniOutcome created = create(3);
        assertFalse(created.hasFailure(), created.toString());
        String eni = created.getEni().getEni().getId();

        AddressesOutcome assigned = manager()
                .assignAddresses(AssignRequest.newBuilder()
                        .setOperationId(UUID.randomUUID().toString())
                        .setInstanceId(NODE)
                        .setEniId(eni)
                        .setIpv4Count(2)
                        .build());
        Outcome unassigned = manager()
                .unassignAddresses(UnassignRequest.newBuilder()
                        .setOperationId(UUID.randomUUID().toString())
                        .setInstanceId(NODE)
                        .setEniId(eni)
                        .addAllAddresses(assigned.getAddressesList())
                        .build());
        Instance instance = manager()
                .describeInstance(DescribeInstanceRequest.newBuilder()
                        .setInstanceId(NODE)
                        .setFresh(true)
                        .build());
        Outcome deleted = delete(eni);

        assertEquals("10.0.64.0/20", created.getEni().getEni().getSubnets(0));
        assertEquals("InUse", created.getEni().getState());
        assertTrue(created.getEni().getOurs());
        assertEquals(3, created.getEni().getAddressesCount());
        assertEquals(2, assigned.getAddressesCount());
        assertFalse(unassigned.hasFailure(), unassigned.toString());
        assertFalse(deleted.hasFailure(), deleted.toString());
        assertEquals(4, instance.getLimits().getEnis());
        assertEquals(15, instance.getLimits().getIpv4PerEni());
        assertEquals("vsw-bp1node-h", instance.getPrimaryVSwitchId());
        assertEquals(List.of("sg-bp1lab"), instance.getSecurityGroupIdsList());
        assertEquals(2, instance.getEnisCount());
    }

    @Test
    void aRepeatedOperationGetsTheSameEni() {
        CreateEniRequest request = CreateEniRequest.newBuilder()
                .setOperationId("repeated-op")
                .setInstanceId(NODE)
                .build();

        EniOutcome first = manager().createEni(request);
        EniOutcome second = manager().createEni(request);

        assertFalse(first.hasFailure(), first.toString());
        assertEquals(first, second);
        delete(first.getEni().getEni().getId());
    }

    @Test
    void watchSendsTheListThenEachChange() {
        Iterator<InstanceUpdate> updates = manager().watch(WatchRequest.getDefaultInstance());
        await(updates, InstanceUpdate::getSynced);
        EniOutcome created = create(1);
        String eni = created.getEni().getEni().getId();

        InstanceUpdate there = await(
                updates,
                update -> update.getInstance().getEnisList().stream()
                        .anyMatch(one -> one.getEni().getId().equals(eni)
                                && one.getState().equals("InUse")));
        delete(eni);
        InstanceUpdate gone = await(
                updates,
                update -> update.getInstance().getEnisList().stream()
                        .noneMatch(one -> one.getEni().getId().equals(eni)));

        assertEquals(1, there.getTerm());
        assertEquals(NODE, gone.getInstance().getInstanceId());
    }

    @Test
    void badFieldsAreNamedWithTheirValue() {
        var refusal = assertThrows(
                StatusRuntimeException.class,
                () -> manager()
                        .assignAddresses(AssignRequest.newBuilder()
                                .setOperationId("op")
                                .setEniId("eni-1")
                                .addAddresses("10.0.0.256")
                                .build()));

        assertEquals(Status.Code.INVALID_ARGUMENT, refusal.getStatus().getCode());
        assertTrue(refusal.getMessage().contains("addresses[0]: '10.0.0.256'"), refusal.getMessage());
    }

    @Test
    void anUnknownInstanceIsNotFound() {
        var refusal = assertThrows(
                StatusRuntimeException.class,
                () -> manager()
                        .describeInstance(DescribeInstanceRequest.newBuilder()
                                .setInstanceId("i-none")
                                .build()));

        assertEquals(Status.Code.NOT_FOUND, refusal.getStatus().getCode());
    }

    @Test
    void vSwitchesComeWithZoneAndFreeAddresses() {
        var listed = manager()
                .listVSwitches(
                        ListVSwitchesRequest.newBuilder().addIds("vsw-bp1pod-i").build());

        assertEquals("10.0.80.0/20", listed.getVSwitches(0).getCidr());
        assertEquals("cn-hangzhou-i", listed.getVSwitches(0).getZone());
        assertEquals(4092, listed.getVSwitches(0).getAvailable());
    }

    @Test
    void statusTellsWhereTheKeyIsFrom() {
        StatusResponse status = manager().status(StatusRequest.getDefaultInstance());

        assertTrue(status.getLeader());
        assertEquals("environment", status.getCredentialsSource());
        assertEquals(Map.of("mutations", "closed", "reads", "closed"), status.getCircuitsMap());
    }

    @Test
    void healthIsUpInAllThreeKinds() {
        for (String kind : List.of("live", "ready", "started")) {
            given().get(management("/health/" + kind)).then().statusCode(200).body("status", equalTo("UP"));
        }
    }

    @Test
    void metricsHaveTheGuidesNamesAndExistFromTheStart() {
        String text = given().get(management("/metrics"))
                .then()
                .statusCode(200)
                .extract()
                .asString();

        assertLine(text, "# TYPE terway_api_call_total counter");
        assertLine(text, "# TYPE terway_api_call_errors counter");
        assertLine(text, "# TYPE terway_api_rate_limit_hits counter");
        assertLine(text, "# TYPE terway_api_call_latency histogram");
        assertLine(text, "# TYPE terway_eni_create_latency histogram");
        for (String name : List.of("terway_api_call_total", "terway_api_call_errors", "terway_api_rate_limit_hits")) {
            assertLine(text, name + "{api=\"DetachNetworkInterface\"");
        }
        assertLine(text, "terway_eni_create_latency_bucket{le=\"5000.0\"");
        assertFalse(text.contains("terway_api_call_errors_total"));
        assertFalse(text.contains("terway_api_rate_limit_hits_total"));
    }

    private static void assertLine(String text, String start) {
        assertTrue(text.lines().anyMatch(line -> line.startsWith(start)), "no line starts with " + start);
    }

    @Test
    void everyMutationIsAudited() throws IOException {
        EniOutcome created = create(0);
        delete(created.getEni().getEni().getId());

        Path file = config.stateDir().resolve("audit").resolve("audit.jsonl");
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!(Files.exists(file)
                && Files.readString(file)
                        .contains("\"action\":\"DeleteNetworkInterface\",\"subject\":\""
                                + created.getEni().getEni().getId()))) {
            assertTrue(System.nanoTime() < deadline, "no audit line for the removal");
            Thread.onSpinWait();
        }
    }

    @Test
    void aFloodOfAuditEventsIsBoundedAndTheStreamGoesOn() throws IOException {
        for (int i = 0; i < 50_000; i++) {
            audit.accept(new AuditEvent(Instant.EPOCH, 1, "Flood", "event " + i, "ok", 0));
        }

        assertTrue(metrics.get("terway.audit.dropped").counter().count() > 0, "nothing was dropped");
        Path dir = config.stateDir().resolve("audit");
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        int number = 0;
        while (!tail(dir).contains("after the flood")) {
            assertTrue(System.nanoTime() < deadline, "the stream ended with the flood");
            audit.accept(new AuditEvent(Instant.EPOCH, 1, "Calm", "after the flood " + number++, "ok", 0));
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private static String tail(Path dir) throws IOException {
        Path file = dir.resolve("audit.jsonl");
        return Files.exists(file) ? Files.readString(file) : "";
    }
}
