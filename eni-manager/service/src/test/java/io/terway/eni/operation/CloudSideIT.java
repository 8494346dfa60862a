package io.terway.eni.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.CloudFailure;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.AddressOperations.Assign;
import io.terway.eni.operation.AddressOperations.Counts;
import io.terway.eni.operation.AddressOperations.Unassign;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cloud side over the real SDK against the twin: what holds when the cloud misbehaves and processes die. */
final class CloudSideIT {

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

    private NetworkInterface ready(EniOutcome outcome) {
        return assertInstanceOf(EniOutcome.Ready.class, outcome, outcome.toString())
                .eni();
    }

    private NetworkInterface create(String operation, int ipv4) {
        return ready(cloud.enis().create(TwinLab.order(operation, ipv4, TwinLab.POD_H), false));
    }

    private static Assign assign(String operation, EniId eni, int count) {
        return new Assign(new OperationId(operation), eni, new Counts(count, 0, 0, 0), List.of());
    }

    private long calls(String action) {
        return twin.audit.stream()
                .filter(event -> event.action().equals(action))
                .count();
    }

    @Test
    void anEniIsCreatedWithItsAddressesInOneCallAndAttached() {
        NetworkInterface eni = create("op-1", 9);

        assertEquals(9, eni.addresses().size());
        assertEquals(TwinLab.NODE, eni.attachment().instance().orElseThrow());
        assertEquals(1, calls("CreateNetworkInterface"));
        assertEquals(0, calls("AssignPrivateIpAddresses"));
        assertTrue(cloud.tags().owns(eni));
    }

    @Test
    void aRepeatAfterARestartFindsTheFirstEni() {
        NetworkInterface first = create("op-1", 2);
        CloudSide restarted = twin.process("c1");

        EniOutcome second = restarted.enis().create(TwinLab.order("op-1", 2, TwinLab.POD_H), false);

        assertEquals(first.id(), ready(second).id());
        assertEquals(1, twin.added().size());
        restarted.close();
    }

    @Test
    void aLostAnswerMakesNoSecondEni() {
        twin.faults(
                "{\"seed\":1,\"faults\":[{\"action\":\"CreateNetworkInterface\",\"effect\":\"lose-answer\",\"times\":1}]}");

        create("op-1", 3);

        assertEquals(1, twin.added().size());
    }

    @Test
    void throttlingIsWaitedOut() {
        twin.faults("{\"seed\":1,\"faults\":[{\"action\":\"AttachNetworkInterface\",\"effect\":\"fail\",\"status\":400,"
                + "\"code\":\"Throttling.User\",\"times\":2}]}");

        create("op-1", 1);

        assertEquals(3, calls("AttachNetworkInterface"));
    }

    @Test
    void aMissingPermissionIsOneMessageThatNamesIt() {
        twin.faults("{\"seed\":1,\"faults\":[{\"action\":\"CreateNetworkInterface\",\"effect\":\"forbid\"}]}");

        EniOutcome outcome = cloud.enis().create(TwinLab.order("op-1", 1, TwinLab.POD_H), false);

        CloudFailure failure =
                assertInstanceOf(EniOutcome.NotDone.class, outcome).failure();
        assertInstanceOf(CloudFailure.Forbidden.class, failure);
        assertTrue(
                failure.message()
                        .startsWith("the RAM user or role of the access key from environment may not call"
                                + " ecs:CreateNetworkInterface; allow it in its policy"),
                failure.message());
        assertEquals(1, calls("CreateNetworkInterface"));
    }

    @Test
    void anExhaustedVSwitchSpillsOverInTheSameRequest() {
        twin.exhaust(TwinLab.POD_H);

        NetworkInterface eni =
                ready(cloud.enis().create(TwinLab.order("op-1", 4, TwinLab.POD_H, TwinLab.NODE_H), false));

        assertEquals(TwinLab.NODE_H, eni.vSwitch());
    }

    @Test
    void noEniIsLeftBehindWhenTheInstanceIsFull() {
        for (int i = 1; i <= 3; i++) {
            create("op-" + i, 0);
        }

        EniOutcome fourth = cloud.enis().create(TwinLab.order("op-4", 0, TwinLab.POD_H), false);

        assertInstanceOf(
                CloudFailure.QuotaReached.class,
                assertInstanceOf(EniOutcome.NotDone.class, fourth).failure());
        assertEquals(3, twin.added().size());
    }

    @Test
    void aRemovedEniIsGoneAndRemovingItAgainSucceeds() {
        NetworkInterface eni = create("op-1", 1);

        EniOutcome removed = cloud.enis().remove(eni.id());

        assertEquals(new EniOutcome.Removed(eni.id()), removed);
        assertEquals(List.of(), twin.added());
        assertEquals(new EniOutcome.Removed(eni.id()), cloud.enis().remove(eni.id()));
    }

    @Test
    void assignsForOneEniAreJoined() {
        NetworkInterface eni = create("op-1", 0);
        List<CompletableFuture<AddressOutcome>> all = IntStream.range(0, 5)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> cloud.addresses().assign(assign("assign-" + i, eni.id(), 2)),
                        task -> Thread.ofVirtual().start(task)))
                .toList();

        Set<Ip> added = new HashSet<>();
        all.forEach(one -> added.addAll(one.join().added().addresses()));

        assertEquals(10, added.size());
        assertTrue(calls("AssignPrivateIpAddresses") <= 2, "calls " + calls("AssignPrivateIpAddresses"));
        assertEquals(
                added, Set.copyOf(cloud.inventory().find(eni.id()).orElseThrow().addresses()));
    }

    @Test
    void aLargeAssignIsSplit() {
        NetworkInterface eni = create("op-1", 0);

        AddressOutcome outcome = cloud.addresses().assign(assign("assign-1", eni.id(), 14));

        assertEquals(14, Set.copyOf(outcome.added().addresses()).size(), outcome.toString());
        assertEquals(2, calls("AssignPrivateIpAddresses"));
    }

    @Test
    void anAssignThatFitsOnlyInPartSaysSo() {
        NetworkInterface eni = create("op-1", 0);

        AddressOutcome outcome = cloud.addresses().assign(assign("assign-1", eni.id(), 20));

        assertEquals(10, outcome.added().addresses().size());
        assertInstanceOf(
                CloudFailure.QuotaReached.class,
                assertInstanceOf(AddressOutcome.Partly.class, outcome).failure());
    }

    @Test
    void aRepeatedAssignAfterARestartGivesTheSameAddresses() {
        NetworkInterface eni = create("op-1", 0);
        AddressOutcome first = cloud.addresses().assign(assign("assign-1", eni.id(), 3));
        CloudSide restarted = twin.process("c1");

        AddressOutcome second = restarted.addresses().assign(assign("assign-1", eni.id(), 3));

        assertEquals(first.added().addresses(), second.added().addresses());
        // The answer may be asked for once more, by the token of the first call.
        assertTrue(calls("AssignPrivateIpAddresses") <= 2);
        restarted.close();
    }

    @Test
    void aLostAssignAnswerAddsNothingTwice() {
        NetworkInterface eni = create("op-1", 0);
        twin.faults(
                "{\"seed\":1,\"faults\":[{\"action\":\"AssignPrivateIpAddresses\",\"effect\":\"lose-answer\",\"times\":1}]}");

        AddressOutcome outcome = cloud.addresses().assign(assign("assign-1", eni.id(), 3));

        assertEquals(3, outcome.added().addresses().size(), outcome.toString());
        assertEquals(1 + 3, twin.added().getFirst().addresses().size());
    }

    @Test
    void unassigningIsIdempotent() {
        NetworkInterface eni = create("op-1", 4);
        Unassign two = new Unassign(eni.id(), eni.addresses().subList(0, 2), List.of());
        cloud.addresses().unassign(two);

        AddressOutcome again = cloud.addresses().unassign(two);

        assertInstanceOf(AddressOutcome.Complete.class, again, again.toString());
        assertEquals(1 + 2, twin.added().getFirst().addresses().size());
    }

    @Test
    void theEnisOfAnotherClusterAreNeverTouched() {
        CloudSide other = twin.process("c2");
        NetworkInterface theirs = ready(other.enis().create(TwinLab.order("op-2", 3, TwinLab.POD_H), false));
        other.close();
        Unassign unassign = new Unassign(theirs.id(), theirs.addresses(), List.of());

        EniOutcome removal = cloud.enis().remove(theirs.id());
        AddressOutcome unassigned = cloud.addresses().unassign(unassign);
        AddressOutcome assigned = cloud.addresses().assign(assign("assign-1", theirs.id(), 1));

        assertInstanceOf(
                CloudFailure.NotOurs.class,
                assertInstanceOf(EniOutcome.NotDone.class, removal).failure());
        assertInstanceOf(AddressOutcome.Partly.class, unassigned);
        assertInstanceOf(AddressOutcome.Partly.class, assigned);
        assertEquals(1 + 3, twin.added().getFirst().addresses().size());
    }

    @Test
    void withoutEnoughLeaseNothingIsChanged() {
        CloudSide standby = twin.process("c1", new Leader() {
            @Override
            public long term() {
                return 0;
            }

            @Override
            public Duration remaining() {
                return Duration.ofSeconds(3);
            }

            @Override
            public void close(BooleanSupplier idle) {}
        });

        assertThrows(LeadershipLost.class, () -> standby.enis().create(TwinLab.order("op-1", 0, TwinLab.POD_H), false));
        assertEquals(List.of(), twin.added());
        standby.close();
    }
}
