package io.terway.eni.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.terway.eni.Added;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.OperationId;
import io.terway.eni.Tuning;
import io.terway.eni.operation.AddressOutcome.Partly;
import io.terway.eni.state.AssignBatch;
import io.terway.eni.state.FileState;
import io.terway.eni.state.Journal;
import io.terway.eni.state.Lane;
import io.terway.eni.time.MachineTime;
import io.terway.eni.time.Time;
import io.terway.eni.time.Turns;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AssignLanesTest {

    private static final EniId ENI = new EniId("eni-1");
    private static final Lane LANE = new Lane(ENI, Family.IPV4, Lane.Kind.ADDRESSES);
    private static final OperationId OPERATION = new OperationId("op");

    @TempDir
    Path dir;

    private final ScriptedCloud cloud = new ScriptedCloud();

    private AssignLanes lanes(Duration patience) {
        Time time = new MachineTime();
        Tuning tuning = new Tuning(
                Tuning.DEFAULTS.rates(),
                new Tuning.Batch(true, 10, Duration.ofMillis(1)),
                Tuning.DEFAULTS.cache(),
                Tuning.DEFAULTS.collection(),
                Tuning.DEFAULTS.vSwitchPolicy(),
                Tuning.DEFAULTS.tagRules());
        return new AssignLanes(cloud, new Turns<>(time), journal(), () -> tuning, time, patience);
    }

    private Journal journal() {
        return new Journal(new FileState(dir), () -> 1, new MachineTime());
    }

    private AddressOutcome assign(AssignLanes lanes, int count) {
        return assertTimeoutPreemptively(Duration.ofSeconds(20), () -> lanes.assign(OPERATION, LANE, count));
    }

    private static Added ips(int count) {
        return new Added(
                IntStream.range(0, count).mapToObj(i -> Ip.parse("10.0.0." + i)).toList(), List.of());
    }

    @Test
    void fewerAddressesThanAskedEndTheOperationAsAPart() {
        cloud.script = _ -> CloudResult.ok(ips(1));

        Partly partly = assertInstanceOf(Partly.class, assign(lanes(Duration.ofMinutes(1)), 3));

        assertEquals(ips(1), partly.added());
        assertEquals("FewerAddresses", partly.failure().code());
    }

    @Test
    void noAddressAtAllEndsTheOperationAlsoAfterARestart() {
        cloud.script = _ -> CloudResult.ok(Added.NOTHING);
        assign(lanes(Duration.ofMinutes(1)), 3);

        Partly partly = assertInstanceOf(Partly.class, assign(lanes(Duration.ofMinutes(1)), 3));

        assertEquals(Added.NOTHING, partly.added());
    }

    @Test
    void whileAnOutcomeIsUnknownNoOtherTokenIsUsed() {
        journal().begin("t1", LANE, List.of(new AssignBatch.Share(OPERATION, 2)));
        cloud.script = _ -> CloudResult.failed(new CloudFailure.OutcomeUnknown("lost", "no answer"));

        Partly partly = assertInstanceOf(Partly.class, assign(lanes(Duration.ofMinutes(1)), 2));

        assertEquals(List.of("t1"), cloud.tokens);
        assertInstanceOf(CloudFailure.OutcomeUnknown.class, partly.failure());
    }

    @Test
    void aCallThatDoesNotEndIsGivenUpAndItsRepeatIsTheSameCall() {
        CountDownLatch answered = new CountDownLatch(1);
        cloud.script = call -> {
            awaitUninterruptibly(answered);
            return CloudResult.ok(ips(call.what().size()));
        };
        AssignLanes lanes = lanes(Duration.ofSeconds(1));
        Partly partly = assertInstanceOf(Partly.class, assign(lanes, 2));
        assertEquals("Deadline", partly.failure().code());
        answered.countDown();

        AddressOutcome repeat = assign(lanes, 2);

        assertEquals(new AddressOutcome.Complete(ips(2)), repeat);
        assertEquals(1, cloud.tokens.stream().distinct().count());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
