package io.terway.eni.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.NetworkInterface;
import io.terway.eni.Seat;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ENIs that a pod keeps while no machine has them, over the real SDK against the twin. */
final class KeptEnisIT {

    private static final InstanceId SAME_ZONE = new InstanceId("i-bp1node00003");

    @TempDir
    Path dir;

    private TwinLab twin;
    private CloudSide cloud;

    @BeforeEach
    void start() {
        twin = new TwinLab(dir);
        cloud = twin.process("c1");
    }

    @AfterEach
    void stop() {
        cloud.close();
        twin.close();
    }

    private NetworkInterface made(String operation, int ipv4) {
        EniOutcome outcome = cloud.enis().create(TwinLab.order(operation, ipv4, TwinLab.POD_H), false);
        return assertInstanceOf(EniOutcome.Ready.class, outcome, outcome.toString())
                .eni();
    }

    @Test
    void whatIsKeptAndOnNoMachineIsListedUntilItIsAttachedAgain() {
        EniId eni = made("op", 0).id();
        EniId other = made("op2", 0).id();
        cloud.enis().detach(eni, TwinLab.NODE);

        eventually(() -> cloud.keptEnis().list().equals(List.of(eni)));

        cloud.enis().attach(eni, new Seat.OnInstance(SAME_ZONE));
        eventually(() -> cloud.keptEnis().list().isEmpty());
        assertEquals(2, twin.added().size(), () -> other + " was never meant");
    }

    @Test
    void anEniThatMayBeOnePodsOutlivesItsInstanceAndASharedOneDoesNot() {
        EniId alone = made("op", 0).id();
        made("op2", 3);

        twin.release(TwinLab.NODE);

        eventually(() -> twin.added().size() == 1
                && twin.added().getFirst().id().equals(alone)
                && twin.added().getFirst().status().equals("Available"));
        // As ipam-service does once the instance is proven gone.
        assertInstanceOf(EniOutcome.Ready.class, cloud.enis().detach(alone, TwinLab.NODE));
        eventually(() -> cloud.keptEnis().list().equals(List.of(alone)));
        assertInstanceOf(EniOutcome.Ready.class, cloud.enis().attach(alone, new Seat.OnInstance(SAME_ZONE)));
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not become true in 60 s");
            Thread.onSpinWait();
        }
    }
}
