package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.terway.cni.CniReply;
import io.terway.net.Ip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An agent whose ledger was lost, damaged or refused makes it anew, and serves again once everybody agrees. */
@Timeout(120)
class RebuildIT extends OneAgent {

    private Ip first;

    @BeforeEach
    void onePod() {
        ipam.coolDown(50);
        restart();
        known("web", "api");
        offered(1, 3);
        first = TestNode.address(node.call("ADD", "c1", "web"));
        await("the report", () -> ipam.events.stream().anyMatch(e -> e.hasBound()));
    }

    private Path ledger() {
        return directory.resolve("ledger");
    }

    /** Ends the agent, does this to its ledger, and starts the next. */
    private void damage(Damage how) throws IOException {
        node.close();
        byte[] bytes = Files.readAllBytes(ledger());
        how.to(bytes);
        Files.write(ledger(), bytes);
        node = new TestNode(directory, kernel, ipam.port());
    }

    /** Changes bytes. */
    private interface Damage {
        void to(byte[] file);
    }

    private void awaitTrust() {
        await("trust", () -> node.quarantine.reason().isEmpty());
    }

    private void requireServes() {
        assertEquals(first, TestNode.address(node.call("ADD", "c1", "web")));
        Ip other = TestNode.address(node.call("ADD", "c2", "api"));
        assertNotEquals(first, other);
        assertTrue(node.call("DEL", "c1", "web").isSuccess());
        assertTrue(node.call("DEL", "c2", "api").isSuccess());
        assertTrue(kernel.connected().isEmpty());
        assertEquals(List.of(), node.ledger.read(s -> List.copyOf(s.bindings())));
    }

    @Test
    void aDamagedLedgerIsMadeAnew() throws IOException {
        damage(file -> file[file.length / 2] ^= 1);
        awaitTrust();
        assertTrue(Files.exists(directory.resolve("ledger.replaced")), "for people");
        requireServes();
        restart();
        assertEquals("", node.quarantine.reason());
    }

    @Test
    void aLedgerOfNoiseIsMadeAnew() throws IOException {
        damage(file -> Arrays.fill(file, (byte) 0x5a));
        awaitTrust();
        requireServes();
    }

    @Test
    void aLedgerThatWasDeletedIsMadeAnew() throws IOException {
        node.close();
        Files.delete(ledger());
        node = new TestNode(directory, kernel, ipam.port());
        await(
                "the refusal and the rebuild",
                () -> node.ledger.read(s -> s.holder(first)).isPresent()
                        && node.quarantine.reason().isEmpty());
        requireServes();
    }

    /** Before ipam-service says anything: the kernel knows that the node was used. */
    @Test
    void aNewLedgerUnderConnectedPodsIsNotBelievedByTheAgentItself() throws IOException {
        ipam.refuse(Status.UNAVAILABLE);
        node.close();
        Files.delete(ledger());
        node = new TestNode(directory, kernel, ipam.port());
        assertTrue(node.quarantine.reason().contains("the kernel has 1 sandboxes connected"), node.quarantine.reason());
        ipam.refuse(Status.OK);
        awaitTrust();
        requireServes();
    }

    @Test
    void nobodyIsGivenAnAddressBeforeAllAgree() throws IOException {
        ipam.refuse(Status.UNAVAILABLE);
        damage(file -> file[file.length / 2] ^= 1);
        CniReply add = node.call("ADD", "c2", "api");
        assertTrue(TestNode.output(add).contains("is damaged"), TestNode.output(add));
        ipam.refuse(Status.OK);
        awaitTrust();
        requireServes();
    }

    @Test
    void aBindThatWasNeitherKeptNorReportedIsFoundInTheKernel() throws IOException {
        ipam.refuse(Status.UNAVAILABLE);
        Ip unreported = TestNode.address(node.call("ADD", "c2", "api"));
        damage(file -> Arrays.fill(file, (byte) 0));
        ipam.refuse(Status.OK);
        awaitTrust();
        assertEquals(
                key("c2"),
                node.ledger.read(s -> s.holder(unreported)).orElseThrow().key());
        requireServes();
    }

    @Test
    void whereIpamServiceHasForgottenTheNodeItsKernelSpeaks() throws IOException {
        ipam.refuse(Status.UNAVAILABLE);
        ipam.forgetNode();
        damage(file -> file[file.length / 2] ^= 1);
        ipam.refuse(Status.OK);
        awaitTrust();
        ipam.offer(1, 3);
        await("offers", () -> node.ledger.read(s -> s.offered().size() == 3));
        requireServes();
    }

    @Test
    void whatNobodyCanExplainIsNamedUntilItIsGone() throws IOException {
        known("stray");
        Ip strange = TestNode.address(node.call("ADD", "c9", "stray"));
        await(
                "its report",
                () -> ipam.events.stream()
                        .anyMatch(
                                e -> e.getBound().getSandbox().getContainerId().equals("c9")));
        ipam.forgetReports("c9");
        ipam.gone("stray");
        await("the pod is gone", () -> !node.knows("stray"));
        damage(file -> Arrays.fill(file, (byte) 0));
        await(
                "the name of what is unexplained",
                () -> node.quarantine.reason().contains("container c9 has addresses [" + strange + "]"));
        assertTrue(node.call("DEL", "c9", "stray").isSuccess());
        awaitTrust();
        requireServes();
    }

    @Test
    void delsAreServedWhileTheLedgerIsMade() throws IOException {
        ipam.refuse(Status.UNAVAILABLE);
        damage(file -> Arrays.fill(file, (byte) 0));
        assertTrue(node.call("DEL", "c1", "web").isSuccess());
        assertTrue(kernel.connected().isEmpty());
        ipam.refuse(Status.OK);
        awaitTrust();
        assertEquals(
                key("c1"),
                node.ledger.read(s -> s.holder(first)).orElseThrow().key(),
                "held until it is released in the ordinary way");
        assertTrue(node.call("DEL", "c1", "web").isSuccess());
        assertEquals(List.of(), node.ledger.read(s -> List.copyOf(s.bindings())));
    }
}
