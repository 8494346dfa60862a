package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.agent.apply.AcceleratedNode;
import io.terway.agent.apply.Echo;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.linux.bpf.TcxVandal;
import io.terway.linux.netns.Lab;
import io.terway.net.Family;
import io.terway.net.NodeName;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.IsolationIndex;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policy in force on pods whose connections skip the stack: what is denied stays denied, what is cut stays cut. */
class AccelerationPolicyPrivilegedIT {

    private AcceleratedNode node;
    private PolicyModel service;
    private PolicyParts parts;

    @TempDir
    private Path state;

    /** The second pod is open for the first one at one port, and sends nothing of its own. */
    @BeforeEach
    void theSecondPodIsUnderPolicy() throws Exception {
        node = AcceleratedNode.open();
        service = new PolicyModel(PolicyUpdate.newBuilder()
                .setRevision(1)
                .setFull(true)
                .setIndex(IsolationIndex.newBuilder().addNamespaces("default"))
                .addSets(Updates.set("a1", true, List.of(client()), List.of()))
                .addPrograms(Updates.program("b1", Direction.INGRESS, "a1", Echo.PORT))
                .addPrograms(Updates.program("b2", Direction.EGRESS, "a1"))
                .addPods(PodPrograms.newBuilder()
                        .setPod(Pod.newBuilder()
                                .setNamespace("default")
                                .setName("b")
                                .setUid("uid-b"))
                        .setIngressProgram("b1")
                        .setEgressProgram("b2"))
                .build());
        parts = new PolicyParts(
                new PolicyParts.Settings(new NodeName("node-1"), "kube-system", state, node.host()),
                () -> List.of(service.address()),
                address -> LeaderChannel.to(
                        address,
                        new LeaderChannel.Settings(
                                "kube-system", "terway-policy", Optional.empty(), new Tls.Plaintext())),
                () -> true,
                new SimpleMeterRegistry());
        parts.start(List.of(node.toBinding()));
        service.next();
        acknowledged(1);
    }

    @AfterEach
    void leaveNothing() {
        if (parts != null) {
            parts.close();
        }
        if (service != null) {
            service.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private void acknowledged(long revision) throws InterruptedException {
        var acknowledge = service.next().getAcknowledge();
        assertEquals("", acknowledge.getError());
        assertEquals(revision, acknowledge.getRevision());
    }

    private String client() {
        return node.fromAddress(Family.IPV4).toString();
    }

    /** The kernel's own word for it: a SYN that is dropped leaves the connection unmade. */
    private boolean connects(Path from, String to, int port) {
        String said = Lab.output(
                from, "timeout", "0.7", "bash", "-c", "echo > /dev/tcp/" + to + "/" + port + " && echo made");
        return said.contains("made") || said.contains("refused");
    }

    @Test
    void whatPolicyDeniesStaysDeniedBesideAShortcutOfTheSamePods() throws Exception {
        String server = node.toAddress(Family.IPV4).toString();
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);

            assertTrue(connects(node.from(), server, Echo.PORT), "what is accepted");
            assertFalse(connects(node.from(), server, Echo.PORT + 1), "another port");
            assertFalse(connects(node.to(), client(), Echo.PORT), "the other direction");
            echo.rounds(5);
        }
    }

    @Test
    void aChangeThatForbidsAnOpenConnectionEndsItsShortcutAndTheConnection() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);

            service.send(Updates.difference(2)
                    .addSets(Updates.set("a1", false, List.of(), List.of(client())))
                    .build());

            acknowledged(2);
            node.awaitShortcuts(0);
            echo.assertCut();
            assertFalse(connects(node.from(), node.toAddress(Family.IPV4).toString(), Echo.PORT));
        }
    }

    @Test
    void aChangeThatForbidsItHoldsAlsoWhileProgramsAreTakenOff() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            assertTrue(TcxVandal.detachAll() > 0);

            service.send(Updates.difference(2)
                    .addSets(Updates.set("a1", false, List.of(), List.of(client())))
                    .build());

            acknowledged(2);
            node.awaitShortcuts(0);
            echo.assertCut();
        }
    }

    @Test
    void aChangeThatStillAcceptsItLeavesTheShortcut() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            service.send(Updates.difference(2)
                    .addSets(Updates.set("a1", false, List.of("10.0.64.77"), List.of()))
                    .build());

            acknowledged(2);
            node.assertSkips(echo);
        }
    }

    @Test
    void aPodThatIsIsolatedAltogetherIsCutOff() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            service.send(Updates.difference(2)
                    .addPrograms(Updates.program("b3", Direction.INGRESS, "a1"))
                    .addPods(PodPrograms.newBuilder()
                            .setPod(Pod.newBuilder()
                                    .setNamespace("default")
                                    .setName("b")
                                    .setUid("uid-b"))
                            .setIngressProgram("b3")
                            .setEgressProgram("b2"))
                    .build());

            acknowledged(2);
            node.awaitShortcuts(0);
            echo.assertCut();
        }
    }
}
