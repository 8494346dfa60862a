package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.link.Address;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.Transport;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policy on a node as a whole: a replica of policy-service that is a model, the kernel, and packets. */
class EnforcementPrivilegedIT {

    private static final Ip CLIENT = Ip.parse("10.0.0.1");
    private static final Ip SERVER = Ip.parse("10.0.0.2");
    private static final Ip OTHER = Ip.parse("10.0.0.3");
    private static final Binding SERVER_POD = Updates.binding("server", "10.0.0.2", "fd00::2");
    private static final PolicyUpdate OPEN_FOR_CLIENT = Updates.full()
            .addSets(Updates.set("a1", true, List.of("10.0.0.1"), List.of()))
            .addPrograms(Updates.program("b1", Direction.INGRESS, "a1", 80))
            .addPods(Updates.pod("server", "b1", ""))
            .build();

    private final PacketLab lab = new PacketLab(3);
    private final AtomicBoolean wanted = new AtomicBoolean(true);

    @TempDir
    private Path state;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private PolicyParts parts;

    @AfterEach
    void leaveNothing() {
        if (parts != null) {
            parts.close();
        }
        lab.close();
    }

    private void start(List<Address> replicas, List<Binding> bound) {
        start(lab.node, replicas, bound);
    }

    private void start(Path netns, List<Address> replicas, List<Binding> bound) {
        parts = new PolicyParts(
                new PolicyParts.Settings(new NodeName("node-1"), "kube-system", state, netns),
                () -> replicas,
                address -> LeaderChannel.to(
                        address,
                        new LeaderChannel.Settings(
                                "kube-system", "terway-policy", Optional.empty(), new Tls.Plaintext())),
                wanted::get,
                registry);
        parts.start(bound);
    }

    @Test
    void aPodIsIsolatedBeforeItIsConnectedAlsoWithPolicyServiceDown() {
        lab.listen(80);
        start(List.of(), List.of());

        parts.gate().admit(SERVER_POD, false);

        assertPassing(
                Set.of(attempt(OTHER, CLIENT)),
                attempt(CLIENT, SERVER),
                attempt(SERVER, CLIENT),
                attempt(OTHER, CLIENT));
    }

    @Test
    void whatIsAcknowledgedIsInTheKernel() throws Exception {
        lab.listen(80, 81);
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            assertEquals("node-1", service.next().getSubscribe().getNodeName());

            assertEquals(1, service.next().getAcknowledge().getRevision());

            assertPassing(
                    Set.of(attempt(CLIENT, SERVER), attempt(SERVER, OTHER)),
                    attempt(CLIENT, SERVER),
                    attempt(OTHER, SERVER),
                    attempt(SERVER, OTHER));
            service.send(Updates.difference(2)
                    .addSets(Updates.set("a1", false, List.of("10.0.0.3"), List.of("10.0.0.1")))
                    .build());
            assertEquals(2, service.next().getAcknowledge().getRevision());
            assertPassing(Set.of(attempt(OTHER, SERVER)), attempt(CLIENT, SERVER), attempt(OTHER, SERVER));
        }
    }

    @Test
    void anUpdateThatCannotBeIsRefusedAndThePolicyBeforeStays() throws Exception {
        lab.listen(80);
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();

            service.send(Updates.difference(2)
                    .addPods(Updates.pod("server", "dead", ""))
                    .build());

            String error = service.next().getAcknowledge().getError();
            assertTrue(error.contains("unknown ingress program dead"), error);
            assertPassing(Set.of(attempt(CLIENT, SERVER)), attempt(CLIENT, SERVER), attempt(OTHER, SERVER));
        }
    }

    @Test
    void aRestartedAgentEnforcesWhatItKnewWithPolicyServiceDown() throws Exception {
        lab.listen(80);
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();
        }
        parts.close();
        PacketLab.script(lab.node, "nft delete table inet terway");

        start(List.of(), List.of(SERVER_POD));

        awaitTable("jump p_b1");
        assertPassing(Set.of(attempt(CLIENT, SERVER)), attempt(CLIENT, SERVER), attempt(OTHER, SERVER));
    }

    @Test
    void aDamagedCopyOpensNoPodThatTheKernelIsolates() throws Exception {
        lab.listen(80);
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();
        }
        parts.close();
        Files.write(state.resolve("policy"), new byte[] {1, 2, 3});

        start(List.of(), List.of(SERVER_POD, Updates.binding("never-judged", "10.0.0.3")));

        awaitTable("10.0.0.2 : goto denied_ingress");
        assertPassing(Set.of(attempt(CLIENT, OTHER)), attempt(CLIENT, SERVER), attempt(CLIENT, OTHER));
    }

    @Test
    void anOpenConnectionThatAChangeForbidsEndsWhoeverSpeaksNext() throws Exception {
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT);
                ServerSocketChannel listener =
                        NetnsThread.call(lab.namespace(SERVER), EnforcementPrivilegedIT::listen)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();
            try (Socket client = connect();
                    Socket server = listener.accept().socket()) {
                client.getOutputStream().write('a');
                assertEquals('a', server.getInputStream().read());

                service.send(Updates.difference(2)
                        .addSets(Updates.set("a1", false, List.of(), List.of("10.0.0.1")))
                        .build());
                service.next();
                assertTrue(PacketLab.await(() -> !lab.tracks(CLIENT, SERVER)), "the connection is tracked no more");

                // Server first: its side is free to open connections, and must not bring this one back to life.
                server.getOutputStream().write('b');
                client.getOutputStream().write('c');
                assertSilent(client);
                assertSilent(server);
            }
        }
    }

    @Test
    void aFlushedTableIsRepaired() throws Exception {
        lab.listen(80);
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();
            for (String vandal : List.of(
                    "nft flush ruleset",
                    "nft flush chain inet terway judge",
                    "nft delete element inet terway ingress4 '{ 10.0.0.2 }'",
                    "nft insert rule inet terway judge accept",
                    """
                    rule=$(nft -a list chain inet terway p_b1 | grep s_a1_4)
                    comment=$(echo "$rule" | sed 's/.*comment "\\(.*\\)" # handle.*/\\1/')
                    nft replace rule inet terway p_b1 handle ${rule##* } accept comment "\\"$comment\\""
                    """.trim(),
                    "nft add element inet terway known4 '{ 1 . 10.0.0.3 }'",
                    "nft add element inet terway s_a1_4 '{ 10.0.0.3 }'")) {
                String before = PacketLab.script(lab.node, "nft list table inet terway");

                PacketLab.script(lab.node, vandal);

                assertTrue(
                        PacketLab.await(() -> normal(before)
                                .equals(normal(Lab.output(lab.node, "nft", "list", "table", "inet", "terway")))),
                        vandal);
            }
        }
    }

    @Test
    void ownNodeAndItselfPassAndOtherProtocolsDoNot() throws Exception {
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();
        }

        assertTrue(Lab.output(lab.node, "ping", "-c1", "-W5", "10.0.0.2").contains("1 received"), "own node");
        assertTrue(
                Lab.output(lab.node, "ping", "-6", "-c1", "-W5", "fd00::2").contains("1 received"), "own node, IPv6");
        assertNotNull(lab.onHost(SERVER, "ping -c1 -W5 10.0.9.1"), "to the own node");
        // A Service that leads back to its only pod, without masquerading.
        PacketLab.script(
                lab.node,
                "nft add table ip svc; nft 'add chain ip svc pre { type nat hook prerouting priority -100; }';"
                        + " nft add rule ip svc pre ip daddr 172.16.0.1 dnat to 10.0.0.2;"
                        + " sysctl -qw net.ipv4.conf.all.route_localnet=0 net.ipv4.conf.all.rp_filter=0");
        assertFalse(lab.onHost(CLIENT, "ping -c1 -W1 10.0.0.2") != null, "ICMP of others is no rule's");
        assertFalse(lab.onHost(CLIENT, "ping -c1 -W1 172.16.0.1") != null, "judged after Service translation");
    }

    @Test
    void aDeniedConnectionIsCountedUnderThePolicyThatDeniesIt() throws Exception {
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();

            assertTrue(
                    PacketLab.await(() -> {
                        lab.passing(List.of(attempt(OTHER, SERVER)), _ -> false);
                        return registry.find("terway_policy_denied").counters().stream()
                                .anyMatch(c -> "shop/policy".equals(c.getId().getTag("policy"))
                                        && "ingress".equals(c.getId().getTag("direction"))
                                        && "shop".equals(c.getId().getTag("namespace")));
                    }),
                    () -> registry.getMetersAsString());
        }
    }

    @Test
    void aSwitchedOffPolicyLeavesNoTable() throws Exception {
        lab.listen(80);
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD));
            service.next();
            service.next();

            wanted.set(false);
            parts.follow();

            assertTrue(PacketLab.await(() -> !table().contains("terway")));
            parts.gate().admit(Updates.binding("other", "10.0.0.3"), false);
            assertPassing(Set.of(attempt(OTHER, SERVER)), attempt(OTHER, SERVER));
            wanted.set(true);
            parts.follow();
            awaitTable("jump p_b1");
        }
    }

    @Test
    void aPodThatLeftIsJudgedNoMore() throws Exception {
        try (PolicyModel service = new PolicyModel(OPEN_FOR_CLIENT)) {
            start(List.of(service.address()), List.of(SERVER_POD, Updates.binding("stays", "10.0.0.3")));
            awaitTable("10.0.0.2");

            parts.gate().leave(SERVER_POD.key());

            assertTrue(PacketLab.await(() -> !table().contains("10.0.0.2")));
            assertTrue(table().contains("10.0.0.3 : goto denied_ingress"));
        }
    }

    @Test
    void aPodWhoseLinkIsTheVpcsIsJudgedInsideAndAfterARestart() throws Exception {
        lab.listen(80);
        // The VPC does not pass the node's stack, so the node's own table is elsewhere.
        Path elsewhere = lab.empty("elsewhere");
        Binding pod = Updates.binding("server", lab.namespace(SERVER), "10.0.0.2", "fd00::2");
        PolicyUpdate bothWays = OPEN_FOR_CLIENT.toBuilder()
                .addPrograms(Updates.program("b2", Direction.EGRESS, "a1", 80))
                .clearPods()
                .addPods(Updates.pod("server", "b1", "b2"))
                .build();
        try (PolicyModel service = new PolicyModel(bothWays)) {
            start(elsewhere, List.of(service.address()), List.of());
            service.next();
            service.next();

            parts.gate().admit(pod, true);

            assertJudged();
        }
        parts.close();
        start(elsewhere, List.of(), List.of(pod));
        PacketLab.script(lab.namespace(SERVER), "nft flush ruleset");
        assertTrue(PacketLab.await(() ->
                Lab.output(lab.namespace(SERVER), "nft", "list", "ruleset").contains("10.0.0.2 : jump p_b2")));
        assertJudged();
    }

    private void assertJudged() {
        assertPassing(
                Set.of(attempt(CLIENT, SERVER), attempt(SERVER, CLIENT)),
                attempt(CLIENT, SERVER),
                attempt(OTHER, SERVER),
                attempt(SERVER, CLIENT),
                attempt(SERVER, OTHER));
    }

    /** Which of the attempts get through is asserted; those that should are waited for. */
    private void assertPassing(Set<PacketLab.Attempt> expected, PacketLab.Attempt... attempts) {
        assertEquals(expected, lab.passing(List.of(attempts), expected::contains));
    }

    private static PacketLab.Attempt attempt(Ip from, Ip to) {
        return new PacketLab.Attempt(from, to, Transport.TCP, 80);
    }

    private String table() {
        return Lab.output(lab.node, "nft", "list", "ruleset");
    }

    private void awaitTable(String text) {
        assertTrue(PacketLab.await(() -> table().contains(text)), text + " in " + table());
    }

    private static String normal(String table) {
        return table.replaceAll("counter packets \\d+ bytes \\d+", "counter")
                .replaceAll("\"[^\"]+\" \\. \\S+ timeout 30s expires \\w+,?", "") // what packets taught
                .replaceAll("\\telements = \\{\\s*}\n", "")
                .lines()
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private static ServerSocketChannel listen() {
        try {
            return ServerSocketChannel.open().bind(PacketLab.socket(SERVER, 80));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket connect() {
        return NetnsThread.call(lab.namespace(CLIENT), () -> {
            try {
                return SocketChannel.open(PacketLab.socket(SERVER, 80)).socket();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(300);
        try {
            int heard = socket.getInputStream().read();
            throw new AssertionError("heard " + heard);
        } catch (SocketTimeoutException silent) {
            assertTrue(socket.isConnected());
        }
    }
}
