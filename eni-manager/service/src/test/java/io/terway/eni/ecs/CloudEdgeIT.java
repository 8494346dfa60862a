package io.terway.eni.ecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.faulttolerance.api.CircuitBreakerMaintenance;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.grpc.TwinResource;
import jakarta.inject.Inject;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fault Tolerance around a call: what it holds back, and what it lets through. */
@QuarkusTest
@QuarkusTestResource(TwinResource.class)
class CloudEdgeIT {

    private static final int AT_ONCE = 128;

    @Inject
    CloudEdge edge;

    @Inject
    CircuitBreakerMaintenance circuits;

    @AfterEach
    void closeCircuits() {
        circuits.resetAll();
    }

    private static Supplier<CloudResult<Done>> refused(CloudFailure failure) {
        return () -> CloudResult.failed(failure);
    }

    private static CloudResult<Done> ok() {
        return CloudResult.ok(Done.DONE);
    }

    @Test
    void aCloudThatIsDownGetsARestAndTheOtherKindOfCallGoesOn() {
        Supplier<CloudResult<Done>> down = refused(new CloudFailure.Transient("ServiceUnavailable", "down"));
        for (int i = 0; i < 20; i++) {
            assertThrows(CloudEdge.CloudDown.class, () -> edge.mutate(down));
        }

        assertThrows(CircuitBreakerOpenException.class, () -> edge.mutate(CloudEdgeIT::ok));

        assertEquals(CircuitBreakerState.OPEN, circuits.currentState(CloudEdge.MUTATIONS));
        assertEquals(ok(), edge.read(CloudEdgeIT::ok));
    }

    @Test
    void aCloudThatRefusesIsThere() {
        Supplier<CloudResult<Done>> throttled = refused(new CloudFailure.Throttled("Throttling.User", "slower"));
        for (int i = 0; i < 60; i++) {
            assertEquals(throttled.get(), edge.mutate(throttled));
        }

        assertEquals(CircuitBreakerState.CLOSED, circuits.currentState(CloudEdge.MUTATIONS));
    }

    @Test
    void noMoreThan128ChangesAreUnderWayAtOnce() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(AT_ONCE);
        CountDownLatch end = new CountDownLatch(1);
        var calls = IntStream.range(0, AT_ONCE)
                .mapToObj(_ -> Thread.ofVirtual()
                        .start(() -> edge.mutate(() -> {
                            begun.countDown();
                            awaited(end);
                            return ok();
                        })))
                .toList();
        begun.await();

        assertThrows(BulkheadException.class, () -> edge.mutate(CloudEdgeIT::ok));

        end.countDown();
        for (Thread call : calls) {
            call.join();
        }
        assertEquals(ok(), edge.mutate(CloudEdgeIT::ok));
    }

    @Test
    void aCallThatDoesNotComeBackIsGivenUp() {
        CountDownLatch never = new CountDownLatch(1);
        boolean[] interrupted = new boolean[1];

        assertThrows(
                TimeoutException.class,
                () -> edge.mutate(() -> {
                    interrupted[0] = !awaited(never);
                    return ok();
                }));

        assertTrue(interrupted[0], "its thread is not left behind");
    }

    /** False when interrupted. */
    private static boolean awaited(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
