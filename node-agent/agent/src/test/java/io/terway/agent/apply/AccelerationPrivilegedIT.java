package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.bpf.TcxVandal;
import io.terway.linux.netlink.ConntrackMonitor;
import io.terway.linux.netlink.ConntrackMonitor.Event;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.PodAttachment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections between two pods of a node. */
class AccelerationPrivilegedIT {

    private static final Ip SERVICE = Ip.parse("172.16.0.10");
    private static final int ROUNDS = 400;

    /** Events are there when the command that causes them ends. */
    private static final Duration TOLD = Duration.ofMillis(100);

    private static final int PATIENCE_MILLIS = 20_000;

    private AcceleratedNode node;

    @BeforeEach
    void twoPods() {
        node = AcceleratedNode.open();
        // As a policy would: nothing begins in mid-stream.
        node.nft("add rule inet judge forward ct state new tcp flags & (fin | syn | rst | ack) != syn drop");
    }

    @AfterEach
    void leaveNothing() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void establishedConnectionsBetweenPodsSkipTheStackBothWaysAndEndAsTheyShould(Family family) throws Exception {
        try (Echo echo = node.between(family)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);
            echo.bulk(4 << 20);
        }
        node.awaitShortcuts(0);
        String tracked = Lab.output(node.host(), "conntrack", "-L", "-f", family == Family.IPV4 ? "ipv4" : "ipv6");
        assertFalse(tracked.contains("ESTABLISHED"), "the stack missed the end: " + tracked);
    }

    /** Bytes there and back by UDP. */
    private static void datagrams(DatagramSocket client, DatagramSocket server, int count) {
        try {
            DatagramPacket packet = new DatagramPacket(new byte[1], 1);
            for (int i = 0; i < count; i++) {
                packet.setSocketAddress(server.getLocalSocketAddress());
                client.send(packet);
                server.receive(packet);
                server.send(packet);
                client.receive(packet);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DatagramSocket datagrams(PodAttachment pod) {
        return NetnsThread.call(pod.netns(), () -> {
            try {
                Ip at = pod.addresses().getFirst();
                DatagramSocket socket = new DatagramSocket(Echo.PORT, InetAddress.getByAddress(at.bytes()));
                socket.setSoTimeout(PATIENCE_MILLIS);
                return socket;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Test
    void datagramsThatGoOnBothWaysSkipTheStackToo() {
        try (DatagramSocket client = datagrams(node.a());
                DatagramSocket server = datagrams(node.b())) {
            AcceleratedNode.await("no shortcut", () -> {
                datagrams(client, server, 1);
                return node.acceleration().size() == 1;
            });
            long before = node.forwarded();
            datagrams(client, server, ROUNDS);
            assertTrue(node.forwarded() - before < ROUNDS / 4);
        }
    }

    /** The stack misses acknowledgements; the kernel gives what it takes for unanswered five minutes. */
    @Test
    void aConnectionThatFallsSilentIsRememberedAsLongAsAnyOther() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(1);
            node.awaitShortcuts(1);
            echo.bulk(4 << 20);
            AtomicLong last = new AtomicLong(Long.MAX_VALUE);
            AtomicBoolean anew = new AtomicBoolean();
            AcceleratedNode.await(
                    "kept alive", () -> anew.get() || isAnew(echo, last) && anew.compareAndSet(false, true));

            node.acceleration().close();
            AcceleratedNode.await("it goes on", () -> !node.acceleration().isAlive());
            node.assertForwarded(echo);

            assertTrue(rememberedFor() > Duration.ofDays(1).toSeconds(), "by the stack alone");
        }
    }

    /** True when since the last look some packet had the whole time begin again. */
    private boolean isAnew(Echo echo, AtomicLong last) {
        try {
            echo.rounds(10);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long now = rememberedFor();
        return now > last.getAndSet(now);
    }

    /** Seconds the kernel will remember the connection for. */
    private long rememberedFor() {
        return Lab.output(node.host(), "conntrack", "-L", "-p", "tcp", "--dport", "" + Echo.PORT)
                .lines()
                .filter(line -> line.startsWith("tcp"))
                .map(line -> Long.parseLong(line.split("\\s+")[2]))
                .findFirst()
                .orElseThrow();
    }

    /** As a crash does. The stack has not seen the numbers that came before it. */
    @Test
    void aResetAfterMuchTrafficEndsTheConnectionInTheKernelToo() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(1);
            node.awaitShortcuts(1);
            echo.bulk(16 << 20);
            echo.reset();
            AcceleratedNode.await(
                    "the kernel took the reset for invalid",
                    () -> Lab.output(node.host(), "conntrack", "-L", "-p", "tcp", "--dport", "" + Echo.PORT)
                            .lines()
                            .noneMatch(line -> line.contains("ESTABLISHED")));
        }
        node.awaitShortcuts(0);
    }

    @Test
    void servicesAreTranslatedInBothDirectionsAndTakeTheStack() throws Exception {
        Ip backend = node.toAddress(Family.IPV4);
        node.nft("table ip proxy { chain pre { type nat hook prerouting priority dstnat; ip daddr " + SERVICE
                + " tcp dport 80 dnat to " + backend + ":" + Echo.PORT + "; }; }");
        try (Echo service = Echo.translated(node.from(), SERVICE, 80, node.to(), backend)) {
            node.assertForwarded(service);
            assertEquals(0, node.acceleration().size());
        }
    }

    /** IPVS changes the answers' source without a mark of NAT: only the two directions of the entry tell. */
    @Test
    void connectionsWhoseDirectionsDifferTakeTheStackWhoeverTranslates() {
        String common = " -p tcp -s 10.0.64.11 -t 600 --sport 4000 --dport 80 --state ESTABLISHED -u ASSURED";
        track("-I" + common + " -d 172.16.0.10 -r 10.0.64.12 -q 10.0.64.11 --reply-port-src 80 --reply-port-dst 4000");
        track("-I" + common.replace("4000", "4001") + " -d 10.0.64.12");

        track("-U" + common + " -d 172.16.0.10");
        track("-U" + common.replace("4000", "4001") + " -d 10.0.64.12");

        node.awaitShortcuts(1);
        track("-D -p tcp --sport 4001");
        node.awaitShortcuts(0);
    }

    /** Each message costs time: a question and its answer, and all that follows a first FIN, are not worth one. */
    @Test
    void onlyLastingConnectionsAreToldOfAndOnlyUntilBothSidesHaveEndedThem() {
        String common = " -p tcp -s 10.0.64.11 -d 10.0.64.12 -t 600 --sport %d --dport 80 --state %s -u %s";
        try (ConntrackMonitor monitor = ConntrackMonitor.open(node.host())) {
            for (String status : List.of("SEEN_REPLY", "SEEN_REPLY,ASSURED")) {
                int port = status.contains("ASSURED") ? 4001 : 4000;
                track("-I" + common.formatted(port, "SYN_RECV", status));
                for (String state :
                        List.of("ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE")) {
                    track("-U" + common.formatted(port, state, status));
                }
                track("-D -p tcp --sport " + port);
            }
            List<String> told = new ArrayList<>();
            for (List<Event> some = monitor.poll(TOLD); !some.isEmpty(); some = monitor.poll(TOLD)) {
                some.forEach(event -> told.add(text(event)));
            }

            assertEquals(List.of("4001 3", "4001 4", "4001 5", "4001 6", "4001 8", "4001 ended"), told);
        }
    }

    /** As if its last packets had skipped the stack, and the program had kept it alive after its end had begun. */
    @Test
    void aConnectionThatEndsIsNotRememberedAsIfItWentOn() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            String port = tracked().replaceAll("(?s).*? sport=(\\d+).*", "$1");
            track(
                    "-U -p tcp -s 10.0.64.11 -d 10.0.64.12 --sport %s --dport %d --state LAST_ACK -t 400000 -u SEEN_REPLY,ASSURED"
                            .formatted(port, Echo.PORT));

            node.awaitShortcuts(0);
            AcceleratedNode.await("remembered for too long", () -> remembered() <= 120);
        }
    }

    /** Seconds, of the connection to the echo. */
    private long remembered() {
        return Long.parseLong(tracked().replaceAll("(?s).*?tcp +6 (\\d+) .*", "$1"));
    }

    private String tracked() {
        return Lab.output(node.host(), "conntrack", "-L", "-p", "tcp", "--dport", "" + Echo.PORT);
    }

    private static String text(Event event) {
        return switch (event) {
            case Event.Changed(var connection, boolean _, boolean _, int state) -> connection.fromPort() + " " + state;
            case Event.Ended(var connection) -> connection.fromPort() + " ended";
            case Event.Opened _, Event.Overrun _ -> event.toString();
        };
    }

    private void track(String arguments) {
        String said = Lab.output(node.host(), ("conntrack " + arguments).split(" "));
        assertTrue(said.contains("1 flow entries have been"), said);
    }

    @Test
    void aConnectionThatIsCutIsJudgedAgain() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            echo.rounds(5);

            Lab.output(node.host(), "conntrack", "-D", "-p", "tcp");

            node.awaitShortcuts(0);
            echo.assertCut();
        }
    }

    @Test
    void aReleasedPodEndsItsShortcutsAndTrafficGoesOn() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            node.b().addresses().forEach(node.holders::remove);

            node.awaitShortcuts(0);
            echo.rounds(5);
        }
    }

    @Test
    void programsThatSomebodyTakesOffComeBackWhileTrafficGoesOn() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            assertEquals(2, TcxVandal.detachAll());

            echo.rounds(5);
            AcceleratedNode.await("not mended", () -> {
                try {
                    long before = node.forwarded();
                    echo.rounds(100);
                    return node.forwarded() - before < 25;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Test
    void switchedOffItLetsEveryPacketTakeTheStackAndSaysWhy() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            node.obstacle = Optional.of("eni-config says so");

            node.awaitShortcuts(0);
            node.assertForwarded(echo);
            assertEquals("off: eni-config says so", node.acceleration().status());
        }
        node.obstacle = Optional.empty();
        AcceleratedNode.await("not on again", () -> node.acceleration().status().startsWith("on, "));
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
        }
    }

    @Test
    void withoutTheProcessEveryPacketTakesTheStackAgain() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            node.acceleration().close();
            AcceleratedNode.await("it goes on", () -> !node.acceleration().isAlive());

            node.assertForwarded(echo);
        }
    }
}
