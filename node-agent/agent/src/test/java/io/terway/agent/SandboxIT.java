package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.socket.Spool;
import io.terway.cni.CniReply;
import io.terway.cni.Frames;
import io.terway.net.Ip;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.WithdrawAck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CNI calls against the agent, with ipam-service and the kernel as models. */
@Timeout(60)
class SandboxIT extends OneAgent {

    @Test
    void addConnectsThePodWithTheProposedAddress() throws Exception {
        known("web");
        offered(1, 2);
        CniReply reply = node.call("ADD", "c1", "web");
        assertEquals(ip(1), TestNode.address(reply));
        assertEquals(List.of(ip(1)), kernel.connected().get(key("c1")).addresses());
        LedgerEvent event = ipam.events.take();
        assertEquals("c1", event.getBound().getSandbox().getContainerId());
    }

    @Test
    void repeatedAddAnswersTheSame() {
        known("web");
        offered(1, 2);
        String first = TestNode.output(node.call("ADD", "c1", "web"));
        assertEquals(first, TestNode.output(node.call("ADD", "c1", "web")));
        assertEquals(1, kernel.connected().size());
    }

    @Test
    void delIsRepeatableAndCoolsTheAddressDown() throws Exception {
        known("web", "next");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        assertTrue(node.call("DEL", "c1", "web").isSuccess());
        assertTrue(node.call("DEL", "c1", "web").isSuccess());
        assertTrue(kernel.connected().isEmpty());
        ipam.events.take();
        assertEquals(30_000, ipam.events.take().getReleased().getCoolDownMs());
        offered(2, 1);
        assertEquals(ip(2), TestNode.address(node.call("ADD", "c2", "next")));
    }

    @Test
    void lateDelOfTheOldSandboxLeavesTheNewOne() {
        known("web");
        offered(1, 2);
        Ip old = TestNode.address(node.call("ADD", "old", "web"));
        Ip fresh = TestNode.address(node.call("ADD", "new", "web"));
        assertTrue(node.call("DEL", "old", "web").isSuccess());
        assertNotEquals(old, fresh);
        assertEquals(Set.of(key("new")), kernel.connected().keySet());
        assertEquals(
                key("new"), node.ledger.read(s -> s.holder(fresh)).orElseThrow().key());
    }

    @Test
    void addWaitsForAnAddressThatIsOnItsWay() throws Exception {
        known("web");
        Future<CniReply> add = CompletableFuture.supplyAsync(() -> node.call("ADD", "c1", "web"));
        ipam.offer(5, 1);
        assertEquals(ip(5), TestNode.address(add.get(20, TimeUnit.SECONDS)));
    }

    @Test
    void delEndsAWaitingAdd() throws Exception {
        known("web");
        Duration started = node.now();
        Future<CniReply> add =
                CompletableFuture.supplyAsync(() -> node.call("ADD", "c1", "web", started, Frames.CONFIG));
        CniReply del = node.call("DEL", "c1", "web", started.plusMillis(10), Frames.CONFIG);
        assertTrue(del.isSuccess());
        CniReply ended = add.get(20, TimeUnit.SECONDS);
        assertTrue(TestNode.output(ended).contains("was deleted after this ADD had started"));
        offered(1, 1);
        CniReply late = node.call("ADD", "c1", "web", started.plusMillis(5), Frames.CONFIG);
        assertFalse(late.isSuccess());
        CniReply next = node.call("ADD", "c1", "web", started.plusMillis(20), Frames.CONFIG);
        assertEquals(ip(1), TestNode.address(next));
    }

    @Test
    void theAgentChoosesWhileIpamServiceHangs() {
        known("web");
        offered(1, 2);
        ipam.behave(IpamModel.Manner.HANG);
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "web")));
    }

    @Test
    void aRestartedAgentServesAloneWhatItKnows() {
        known("web", "api");
        offered(1, 3);
        Ip before = TestNode.address(node.call("ADD", "c1", "web"));
        ipam.close();
        restart();
        assertEquals(before, TestNode.address(node.call("ADD", "c1", "web")));
        Ip other = TestNode.address(node.call("ADD", "c2", "api"));
        assertNotEquals(before, other);
    }

    @Test
    void anUnknownPodIsNotTreatedAsAnOrdinaryOne() {
        known("web");
        offered(1, 2);
        CniReply reply = node.call("ADD", "c1", "stranger");
        assertTrue(TestNode.output(reply).contains("\"code\":11"), TestNode.output(reply));
        assertTrue(TestNode.output(reply).contains("the API server is down"), TestNode.output(reply));
        assertTrue(kernel.connected().isEmpty());
    }

    @Test
    void killedBetweenBindAndAnswerKeepsTheAddress() throws Exception {
        known("web");
        offered(1, 2);
        CompletableFuture<Void> reached = new CompletableFuture<>();
        CompletableFuture<Void> killed = new CompletableFuture<>();
        kernel.beforeAdd(() -> {
            reached.complete(null);
            killed.join();
        });
        CompletableFuture<CniReply> unanswered = CompletableFuture.supplyAsync(() -> node.call("ADD", "c1", "web"));
        reached.get(20, TimeUnit.SECONDS);
        kernel.beforeAdd(() -> {});
        restart();
        assertEquals(
                key("c1"), node.ledger.read(s -> s.holder(ip(1))).orElseThrow().key());
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "web")));
        killed.complete(null);
        unanswered.handle((_, _) -> null).get(20, TimeUnit.SECONDS);
    }

    @Test
    void aFailedAddHoldsNothing() {
        known("web");
        offered(1, 2);
        kernel.refuse("Operation not permitted (EPERM)");
        CniReply reply = node.call("ADD", "c1", "web");
        assertTrue(TestNode.output(reply).contains("make the link: Operation not permitted"), TestNode.output(reply));
        assertEquals(List.of(), node.ledger.read(s -> List.copyOf(s.bindings())));
    }

    @Test
    void withdrawsOnlyFreeAddresses() throws Exception {
        known("web");
        offered(1, 3);
        node.call("ADD", "c1", "web");
        ipam.withdraw("10.0.64.1", "10.0.64.2");
        WithdrawAck ack = ipam.acks.take();
        assertEquals(List.of("10.0.64.2"), ack.getWithdrawnList());
        assertEquals(List.of("10.0.64.1"), ack.getKeptList());
        restart();
        ipam.hellos.take();
        await("the second session's ledger", () -> ipam.parts.size() > 1);
        ipam.parts.take();
        LedgerPart part = ipam.parts.take();
        assertEquals("10.0.64.2", part.getWithdrawn(0).getAddress().getAddress());
        assertEquals("c1", part.getBindings(0).getSandbox().getContainerId());
    }

    @Test
    void refusesAnOlderLeader() throws Exception {
        ipam.term(7);
        known("web");
        offered(1, 1);
        ipam.term(6);
        ipam.offer(2, 1);
        ipam.hellos.take();
        assertEquals(7, ipam.hellos.take().getHighestTerm());
        assertTrue(node.ledger.read(s -> s.offered(ip(2))).isEmpty());
    }

    @Test
    void replaysParkedDels() throws Exception {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        Path spool = Files.createDirectories(directory.resolve("spool"));
        byte[] del = Frames.call("DEL", "c1", "web", node.netns("c1"), node.now(), Frames.CONFIG);
        Files.write(spool.resolve("0001.del"), del);
        Files.writeString(spool.resolve("0002.del"), "not a frame");
        try (Spool replay = Spool.start(spool, node.calls.server()::replay, "boot-1")) {
            await("replayed", () -> replay.size() == 0);
            assertTrue(kernel.connected().isEmpty());
            Files.write(spool.resolve("0003.del"), del);
            await("replayed by the watch", () -> replay.size() == 0);
        }
    }

    @Test
    void checkComparesLedgerRuntimeAndKernel() {
        known("web");
        offered(1, 1);
        String result = TestNode.output(node.call("ADD", "c1", "web"));
        String config = Frames.CONFIG.replace("}", ",\"prevResult\":" + result + "}");
        assertTrue(node.call("CHECK", "c1", "web", node.now(), config).isSuccess());
        kernel.forget(key("c1"));
        CniReply missing = node.call("CHECK", "c1", "web", node.now(), config);
        assertTrue(TestNode.output(missing).contains("link cali0 is missing"), TestNode.output(missing));
        CniReply stranger = node.call("CHECK", "c2", "web", node.now(), config);
        assertTrue(TestNode.output(stranger).contains("\"code\":3"), TestNode.output(stranger));
    }

    @Test
    void sweepRepairsWhatTheKernelLost() {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        kernel.forget(key("c1"));
        node.calls.sweep().run();
        assertEquals(Set.of(key("c1")), kernel.connected().keySet());
    }

    @Test
    void parallelAddsNeverShareAnAddress() throws Exception {
        int pods = 40;
        String[] names = new String[pods];
        for (int i = 0; i < pods; i++) {
            names[i] = "p" + i;
        }
        known(names);
        offered(1, pods);
        List<Future<CniReply>> replies = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String name : names) {
                replies.add(threads.submit(() -> node.call("ADD", "c-" + name, name)));
            }
        }
        Set<Ip> addresses = new HashSet<>();
        for (Future<CniReply> reply : replies) {
            addresses.add(TestNode.address(reply.get()));
        }
        assertEquals(pods, addresses.size());
    }

    @Test
    void aDamagedLedgerRefusesAddsAndServesDels() throws Exception {
        known("web");
        offered(1, 1);
        node.call("ADD", "c1", "web");
        node.close();
        Path file = directory.resolve("ledger");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        node = new TestNode(directory, kernel, ipam.port());
        assertTrue(node.ledger.quarantine().contains("is damaged"));
        Duration parked = node.now().minusSeconds(11);
        assertTrue(node.call("DEL", "c1", "web", parked, Frames.CONFIG).isSuccess(), "it is about an earlier life");
        assertEquals(Set.of(key("c1")), kernel.connected().keySet());
        CniReply waits = node.call("DEL", "c2", "web", parked, Frames.CONFIG);
        assertTrue(TestNode.output(waits).contains("until the ledger is made anew"), TestNode.output(waits));
        assertTrue(node.call("DEL", "c1", "web").isSuccess());
        assertTrue(kernel.connected().isEmpty());
    }
}
