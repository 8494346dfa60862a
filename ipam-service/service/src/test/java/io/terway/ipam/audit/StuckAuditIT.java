package io.terway.ipam.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.terway.ipam.Holder;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.LedgerEvent;
import io.terway.ipam.grpc.ClusterModel;
import io.terway.ipam.grpc.OneAgent;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The audit's end takes nothing: requests are served all the same, memory is bounded, and what is lost is counted. */
@QuarkusTest
@TestProfile(StuckAuditIT.ToNobody.class)
@QuarkusTestResource(value = ClusterModel.class, restrictToAnnotatedClass = true)
class StuckAuditIT {

    /** What the stages between the emitter and the sink may hold beside {@link AuditTrail#WAITING}. */
    private static final int UNDER_WAY = 1_024;

    private static final int MORE = 10_000;

    /** Another end by configuration, as Kafka would be. */
    public static final class ToNobody implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("mp.messaging.outgoing.audit.connector", StuckSink.CONNECTOR);
        }
    }

    @Inject
    AuditTrail audit;

    @Inject
    MeterRegistry registry;

    @Inject
    @Any
    StuckSink sink;

    @Test
    void aSinkThatTakesNothingCostsLinesButNoRequest() throws Exception {
        CompletableFuture<Void> storm = CompletableFuture.runAsync(
                () -> IntStream.range(0, AuditTrail.WAITING + UNDER_WAY + MORE).forEach(i -> audit.write(released(i))));
        storm.get(2, TimeUnit.MINUTES); // whoever waited for the sink would wait for ever

        double lost = dropped();
        assertTrue(lost >= MORE, lost + " lines were dropped, so more than " + AuditTrail.WAITING + " wait");
        assertEquals(0, sink.written().size(), "the sink has let nothing pass");

        List<String> served = OneAgent.bindsAndReleases("audited", 50);

        assertEquals(50, served.size(), "binds and releases are acknowledged beside a dead sink");
        assertEquals(lost + 100, dropped(), "each of their lines is lost, and counted");

        sink.letGo();
        eventually(() -> sink.written().size() == AuditTrail.WAITING + UNDER_WAY + MORE - (int) lost);
        inOrder(i -> sink.written().stream().skip(i).findFirst().orElseThrow().contains("\"sequence\":" + i));

        audit.write(released(7));

        eventually(() -> sink.written().size() == AuditTrail.WAITING + UNDER_WAY + MORE - (int) lost + 1);
    }

    private double dropped() {
        return registry.counter("terway_ipam_audit_dropped").count();
    }

    private static void inOrder(IntPredicate holds) {
        IntStream.of(0, 1, 1_000, AuditTrail.WAITING - 1)
                .forEach(i -> assertTrue(holds.test(i), "line " + i + " is another one"));
    }

    private static void eventually(BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within a minute");
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static IpamCommand.Audit released(int number) {
        return new IpamCommand.Audit(
                new NodeName("node-1"),
                new LedgerEvent.Released(
                        number,
                        new SandboxKey("terway", "c" + number, "eth0"),
                        new Holder(new PodRef("default", "web"), "uid-" + number),
                        List.of(Ip.parse("10.0.64.1")),
                        Duration.ZERO));
    }
}
