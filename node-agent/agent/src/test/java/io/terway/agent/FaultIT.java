package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.terway.agent.ledger.BrittleDisk.Fault;
import io.terway.agent.ledger.OtherBoot;
import io.terway.cni.CniReply;
import io.terway.cni.Frames;
import io.terway.net.Ip;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must hold when the disk is full, the ledger is not believed, or calls come late and garbled. */
@Timeout(60)
class FaultIT extends OneAgent {

    private static final Status QUARANTINED =
            Status.FAILED_PRECONDITION.withDescription("quarantined: ledger sequence 3 is below 9");

    private boolean holdsNothing() {
        return node.ledger.read(s -> s.bindings().isEmpty());
    }

    @Test
    void aQuarantineHoldsWhileNobodyAnswersAndOverARestart() {
        known("web");
        offered(1, 2);
        ipam.refuse(QUARANTINED);
        await("quarantine", () -> !node.quarantine.reason().isEmpty());
        ipam.refuse(Status.UNAVAILABLE);
        int before = ipam.hellos.size();
        await("two sessions that ended otherwise", () -> ipam.hellos.size() >= before + 2);
        assertTrue(TestNode.output(node.call("ADD", "c1", "web")).contains("below 9"));
        restart();
        assertTrue(TestNode.output(node.call("ADD", "c1", "web")).contains("below 9"));
        assertTrue(kernel.connected().isEmpty());
    }

    @Test
    void aWelcomeEndsTheQuarantineForGood() {
        ipam.coolDown(1); // the ledger is made anew meanwhile, and what is free rests
        known("web");
        offered(1, 2);
        ipam.refuse(QUARANTINED);
        await("quarantine", () -> !node.quarantine.reason().isEmpty());
        ipam.refuse(Status.OK);
        await("welcome", () -> node.quarantine.reason().isEmpty());
        ipam.refuse(Status.UNAVAILABLE);
        restart();
        assertEquals("", node.quarantine.reason());
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "web")));
    }

    @Test
    void aQuarantineEndsTheAddThatWaits() throws Exception {
        known("web");
        Future<CniReply> add = CompletableFuture.supplyAsync(() -> node.call("ADD", "c1", "web"));
        ipam.refuse(QUARANTINED);
        assertTrue(TestNode.output(add.get(20, TimeUnit.SECONDS)).contains("below 9"));
    }

    @Test
    void aLeaderWithoutConfigurationDoesNotTakeOurs() {
        offered(1, 1);
        ipam.forgetConfig();
        ipam.refuse(Status.UNAVAILABLE);
        ipam.refuse(Status.OK);
        ipam.offer(2, 1);
        await(
                "the next session's offer",
                () -> node.ledger.read(s -> s.offered(ip(2)).isPresent()));
        assertEquals(Duration.ofSeconds(30), node.ledger.read(s -> s.coolDown()));
        assertEquals(1L, (long) node.ledger.read(s -> s.config().orElseThrow().revision()));
    }

    @Test
    void anAddWritesTheReleaseThatIsOwedForItsSandboxFirst() {
        known("web");
        offered(1, 2);
        Ip old = TestNode.address(node.call("ADD", "c1", "web"));
        node.disk.suffer(Fault.FULL);
        assertTrue(node.call("DEL", "c1", "web").isSuccess());
        assertFalse(node.call("ADD", "c1", "web").isSuccess());
        assertTrue(kernel.connected().isEmpty());
        node.disk.suffer();
        assertTrue(node.call("ADD", "c1", "web").isSuccess());
        assertTrue(node.ledger.read(s -> s.sequence()) >= 3, "bound, released, bound");
        node.calls.releases().writeOwed();
        assertEquals(Set.of(key("c1")), kernel.connected().keySet());
        assertTrue(node.ledger.read(s -> s.binding(key("c1"))).isPresent(), "a live pod keeps " + old);
    }

    @Test
    void anOwedReleaseIsWrittenOnceTheDiskTakesIt() {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        node.disk.suffer(Fault.FULL);
        node.call("DEL", "c1", "web");
        node.calls.releases().writeOwed();
        assertFalse(holdsNothing());
        node.disk.suffer();
        node.calls.releases().writeOwed();
        assertTrue(holdsNothing());
    }

    @Test
    void anOwedReleaseWaitsWhileACallOfItsSandboxIsUnderWay() throws Exception {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        node.disk.suffer(Fault.FULL);
        node.call("DEL", "c1", "web");
        node.disk.suffer();
        CompletableFuture<Void> reached = new CompletableFuture<>();
        CompletableFuture<Void> go = new CompletableFuture<>();
        kernel.beforeAdd(() -> {
            reached.complete(null);
            go.join();
        });
        Future<CniReply> add = CompletableFuture.supplyAsync(() -> node.call("ADD", "c1", "web"));
        reached.get(20, TimeUnit.SECONDS);
        node.calls.releases().writeOwed();
        go.complete(null);
        assertTrue(add.get(20, TimeUnit.SECONDS).isSuccess());
        assertTrue(node.ledger.read(s -> s.binding(key("c1"))).isPresent());
    }

    @Test
    void theSweepDoesNotReconnectWhatIsCutOffButBooked() {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        node.disk.suffer(Fault.FULL);
        node.call("DEL", "c1", "web");
        node.calls.sweep().run();
        assertTrue(kernel.connected().isEmpty());
    }

    @Test
    void aFullDiskAtTheFirstStartOfABootOwesTheReleases() {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        node.close();
        node = new TestNode(directory, kernel, ipam.port(), OtherBoot.clock(directory.resolve("proc")));
        node.disk.suffer(Fault.FULL);
        node.calls.sweep().releaseEarlierBoots();
        assertFalse(holdsNothing());
        node.disk.suffer();
        node.calls.releases().writeOwed();
        assertTrue(holdsNothing());
    }

    @Test
    void aDelThatStartedBeforeTheSandboxesPresentLifeLeavesItAlone() {
        known("web");
        offered(1, 1);
        Duration early = node.now().minusMillis(1);
        node.call("ADD", "c1", "web");
        assertTrue(node.call("DEL", "c1", "web", early, Frames.CONFIG).isSuccess());
        assertEquals(Set.of(key("c1")), kernel.connected().keySet());
        assertTrue(node.ledger.read(s -> s.holder(ip(1))).isPresent());
    }

    /** The agent may bind after the DEL's plugin has started: what counts is when the ADD's has. */
    @Test
    void aDelThatStartedAfterTheAddEndsItHoweverLateItWasBound() {
        known("web");
        offered(1, 1);
        Duration early = node.now().minusSeconds(1);
        node.call("ADD", "c1", "web", early, Frames.CONFIG);
        node.call("DEL", "c1", "web", early.plusMillis(1), Frames.CONFIG);
        assertTrue(kernel.connected().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "CNI_NETNS, relative/path",
        "CNI_ARGS, K8S_POD_NAMESPACE=default;K8S_POD_NAME=bad name",
        "CNI_ARGS, K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_UID=LONG",
    })
    void aDelWithAGarbledEnvironmentEndsWhatTheLedgerKnows(String name, String value) {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        CniReply del = node.call("DEL", "c1", Map.of(name, value.replace("LONG", "u".repeat(200))));
        assertTrue(del.isSuccess(), TestNode.output(del));
        assertTrue(holdsNothing());
        CniReply again = node.call("DEL", "c1", Map.of(name, value.replace("LONG", "u".repeat(200))));
        assertTrue(again.isSuccess(), TestNode.output(again));
    }

    @Test
    void aLookThatFailsIsNotTheLastLookForLinks() {
        known("web");
        kernel.failLooks(1);
        offered(1, 1);
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "web")));
    }
}
