package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.terway.agent.accel.Acceleration;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections between two pods, with counters of nftables as witness of what the host's stack still sees. */
class AccelerationPrivilegedIT {

    private static final String SERVICE = "172.16.0.10";
    private static final int PORT = 8080;
    private static final int ROUNDS = 400;
    private static final int PATIENCE_MILLIS = 20_000;

    private final OneNode node = new OneNode();
    private final Map<Ip, Binding> holders = new ConcurrentHashMap<>();
    private DatapathApplier applier;
    private Acceleration acceleration;
    private PodAttachment a;
    private PodAttachment b;

    @BeforeEach
    void twoPods() {
        applier = DatapathApplier.open(node.host);
        a = plumbed("a", 11);
        b = plumbed("b", 12);
        nft(
                "table inet judge { chain forward { type filter hook forward priority 0; ct state established counter accept;"
                        + " ct state new tcp flags & (syn | ack) == syn accept; counter drop; }; }");
        Optional<Acceleration> started = Acceleration.start(node.host, ip -> Optional.ofNullable(holders.get(ip)));
        assumeTrue(started.isPresent(), "kernel: no tcx");
        acceleration = started.get();
    }

    @AfterEach
    void leaveNothing() {
        if (acceleration != null) {
            acceleration.close();
        }
        if (applier != null) {
            applier.close();
        }
        node.close();
    }

    private PodAttachment plumbed(String name, int n) {
        PodAttachment pod = node.pod(name, n);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
        Binding binding = new Binding(
                pod.key(),
                new PodLife(pod.pod(), "uid-" + name),
                pod.netns(),
                pod.addresses().stream()
                        .map(ip -> new HeldAddress(ip, new EniId("eni-test")))
                        .toList(),
                false,
                new BootTime("boot", Duration.ofSeconds(1)),
                1);
        pod.addresses().forEach(ip -> holders.put(ip, binding));
        return pod;
    }

    private void nft(String commands) {
        String output = Lab.output(node.host, "nft", commands);
        assertEquals("", output);
    }

    /** Packets of established connections that went through the host's forwarding. */
    private long forwarded() {
        String chain = Lab.output(node.host, "nft", "list", "chain", "inet", "judge", "forward");
        return Long.parseLong(chain.replaceAll("(?s).*established counter packets (\\d+) .*", "$1"));
    }

    private static void await(String what, BooleanSupplier condition) {
        for (int waited = 0; waited < PATIENCE_MILLIS && !condition.getAsBoolean(); waited += 10) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        assertTrue(condition.getAsBoolean(), what);
    }

    /** A TCP connection that stays, whose server sends each byte back. */
    private static final class Echo implements AutoCloseable {

        private final ServerSocket listening;
        private final Socket client;
        private final Thread server;

        Echo(Path from, String called, int port, PodAttachment to, Ip at) {
            listening = NetnsThread.call(to.netns(), () -> listen(at));
            server = Thread.ofPlatform().daemon().start(this::serve);
            client = NetnsThread.call(from, () -> connect(called, port == 0 ? listening.getLocalPort() : port));
        }

        private static ServerSocket listen(Ip at) {
            try {
                return new ServerSocket(PORT, 1, InetAddress.getByAddress(at.bytes()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Socket connect(String to, int port) {
            try {
                Socket socket = new Socket();
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(to, port), PATIENCE_MILLIS);
                socket.setSoTimeout(PATIENCE_MILLIS);
                return socket;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void serve() {
            try (Socket accepted = listening.accept()) {
                accepted.setTcpNoDelay(true);
                accepted.getInputStream().transferTo(accepted.getOutputStream());
            } catch (IOException e) {
                // the connection was cut, as some tests do
            }
        }

        void rounds(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                client.getOutputStream().write(i);
                assertEquals(i & 255, client.getInputStream().read());
            }
        }

        void timeout(int millis) throws IOException {
            client.setSoTimeout(millis);
        }

        @Override
        public void close() throws IOException {
            client.close();
            listening.close();
        }
    }

    private Echo direct(int family) {
        Ip at = b.addresses().get(family);
        return new Echo(a.netns(), at.toString(), 0, b, at);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void establishedConnectionsBetweenPodsSkipTheStackBothWaysAndEndAsTheyShould(int family) throws Exception {
        try (Echo echo = direct(family)) {
            echo.rounds(5);
            await("no shortcut", () -> acceleration.size() == 1);
            long before = forwarded();
            echo.rounds(ROUNDS);
            long seen = forwarded() - before;
            assertTrue(seen < ROUNDS / 4, "the stack forwarded " + seen + " packets of " + ROUNDS + " rounds");
        }
        await("a closed connection keeps its shortcut", () -> acceleration.size() == 0);
        String tracked = Lab.output(node.host, "conntrack", "-L", "-f", family == 0 ? "ipv4" : "ipv6");
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

    private static DatagramSocket datagrams(PodAttachment pod, Ip at) {
        return NetnsThread.call(pod.netns(), () -> {
            try {
                DatagramSocket socket = new DatagramSocket(PORT, InetAddress.getByAddress(at.bytes()));
                socket.setSoTimeout(PATIENCE_MILLIS);
                return socket;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Test
    void datagramsThatGoOnBothWaysSkipTheStackToo() {
        try (DatagramSocket client = datagrams(a, a.addresses().getFirst());
                DatagramSocket server = datagrams(b, b.addresses().getFirst())) {
            nft("insert rule inet judge forward udp dport " + PORT + " ct state new accept");
            await("no shortcut", () -> {
                datagrams(client, server, 1);
                return acceleration.size() == 1;
            });
            long before = forwarded();
            datagrams(client, server, ROUNDS);
            assertTrue(forwarded() - before < ROUNDS / 4);
        }
    }

    @Test
    void servicesAreTranslatedInBothDirectionsAndTakeTheStack() throws Exception {
        Ip backend = b.addresses().getFirst();
        nft("table ip proxy { chain pre { type nat hook prerouting priority dstnat; ip daddr " + SERVICE
                + " tcp dport 80 dnat to " + backend + ":" + PORT + "; }; }");
        try (Echo service = new Echo(a.netns(), SERVICE, 80, b, backend)) {
            service.rounds(5);
            long before = forwarded();
            service.rounds(ROUNDS);
            assertTrue(forwarded() - before >= 2 * ROUNDS, "packets of a service skipped the stack");
            assertEquals(0, acceleration.size());
        }
    }

    @Test
    void aConnectionThatIsCutIsJudgedAgain() throws Exception {
        try (Echo echo = direct(0)) {
            echo.rounds(5);
            await("no shortcut", () -> acceleration.size() == 1);
            echo.rounds(5);

            Lab.output(node.host, "conntrack", "-D", "-p", "tcp");

            await("a cut connection keeps its shortcut", () -> acceleration.size() == 0);
            echo.timeout(500);
            assertThrows(SocketTimeoutException.class, () -> echo.rounds(1));
        }
    }

    @Test
    void aReleasedPodEndsItsShortcutsAndTrafficGoesOn() throws Exception {
        try (Echo echo = direct(0)) {
            echo.rounds(5);
            await("no shortcut", () -> acceleration.size() == 1);

            b.addresses().forEach(holders::remove);

            await("a released pod keeps its shortcut", () -> acceleration.size() == 0);
            echo.rounds(5);
        }
    }

    @Test
    void withoutTheProcessEveryPacketTakesTheStackAgain() throws Exception {
        try (Echo echo = direct(0)) {
            echo.rounds(5);
            await("no shortcut", () -> acceleration.size() == 1);

            acceleration.close();
            await("it goes on", () -> !acceleration.isAlive());

            long before = forwarded();
            echo.rounds(ROUNDS);
            assertTrue(forwarded() - before >= ROUNDS);
        }
    }
}
