package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.sandbox.Datapath;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.hostport.HostPort;
import io.terway.node.hostport.Published;
import io.terway.node.policy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ports of the node that lead to pods, with packets from everywhere, in every datapath that this kernel has. */
class PublishedPortsPrivilegedIT {

    private static final int PORT = 8080;
    private static final int POD_PORT = 80;
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final List<Cidr> POD_CIDRS =
            List.of(Cidr.parse("192.168.7.0/24"), Cidr.parse("fd00:192:168:7::/64"));

    private OneNode node;
    private DatapathApplier applier;
    private Datapath datapath;
    private volatile boolean believed = true;
    private final List<Published> booked = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        node = new OneNode();
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        datapath = published();
        assertEquals(
                "",
                Lab.output(
                        node.vpc,
                        "nft",
                        "add table inet t; add chain inet t raw { type filter hook prerouting priority raw; };"
                                // The VPC drops what leaves an ENI with an address that is another's.
                                + " add rule inet t raw iifname port ip saddr 10.0.0.10 drop;"
                                + " add rule inet t raw iifname port ip6 saddr fd00:1::10 drop"));
    }

    private Datapath published() {
        return new PublishedPorts(
                node.host,
                Datapath.of(applier),
                () -> List.copyOf(booked),
                key -> booked.stream().filter(p -> p.key().equals(key)).findFirst(),
                () -> believed);
    }

    @AfterEach
    void leaveNothing() {
        if (applier != null) {
            applier.close();
        }
        if (node != null) {
            node.close();
        }
    }

    static Stream<Connection> connections() {
        return Stream.of(
                new Connection.PolicyRoute(OneNode.ENI),
                new Connection.VpcRoute(POD_CIDRS),
                new Connection.ExclusiveEni(OneNode.ENI, true));
    }

    private PodAttachment pod(String name, int n, Connection connection) {
        PodAttachment plain = node.pod(name, n);
        List<Ip> addresses = connection instanceof Connection.VpcRoute
                ? POD_CIDRS.stream().map(c -> c.network().plus(n)).toList()
                : plain.addresses();
        return OneNode.connected(plain, connection, addresses);
    }

    private static List<HostPort> everywhere(Transport transport) {
        return Stream.of(Family.values())
                .map(family -> HostPort.everywhere(transport, family, PORT, POD_PORT))
                .toList();
    }

    private void publish(PodAttachment pod, List<HostPort> ports) {
        booked.add(new Published(pod.key(), pod.addresses(), ports));
        assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod));
        ensureNode(pod);
    }

    private void ensureNode(PodAttachment pod) {
        List<Cidr> blocks = pod.connection() instanceof Connection.VpcRoute ? POD_CIDRS : List.of();
        assertInstanceOf(
                NodeResult.Ready.class,
                datapath.ensureNode(new NodeNetwork(List.of(Family.values()), blocks, List.of(), false)));
    }

    private void remove(PodAttachment pod) {
        assertInstanceOf(DelResult.Removed.class, datapath.del(pod.key(), pod.pod(), pod.netns(), pod.addresses()));
        booked.removeIf(p -> p.key().equals(pod.key()));
    }

    private String table() {
        return Lab.output(node.host, "nft", "list", "tables");
    }

    @ParameterizedTest
    @MethodSource("connections")
    void thePortLeadsToThePodFromTheVpcFromTheNodeAndFromPodsInBothFamilies(Connection connection) {
        PodAttachment server = pod("a", 11, connection);
        publish(server, everywhere(Transport.TCP));
        // An exclusive ENI is gone from the host: a second pod there is routed.
        PodAttachment client = pod(
                "b",
                12,
                connection instanceof Connection.PolicyRoute ? connection : new Connection.VpcRoute(POD_CIDRS));
        assertInstanceOf(AddResult.Plumbed.class, datapath.add(client));

        for (int family = 0; family < 2; family++) {
            Ip at = family == 0 ? OneNode.NODE_V4 : OneNode.NODE_V6;
            Ip pod = server.addresses().get(family);
            OneNode.talk(node.vpc, server.netns(), at, PORT, pod, POD_PORT);
            OneNode.talk(node.host, server.netns(), at, PORT, pod, POD_PORT);
            OneNode.talk(client.netns(), server.netns(), at, PORT, pod, POD_PORT);
        }
        assertInstanceOf(CheckResult.Intact.class, datapath.check(server));
    }

    @Test
    void aPodReachesItselfByItsOwnHostPort() {
        PodAttachment pod = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        publish(pod, everywhere(Transport.TCP));

        OneNode.talk(
                pod.netns(), pod.netns(), OneNode.NODE_V4, PORT, pod.addresses().getFirst(), POD_PORT);
        OneNode.talk(
                pod.netns(), pod.netns(), OneNode.NODE_V6, PORT, pod.addresses().getLast(), POD_PORT);
    }

    @Test
    void thePodSeesTheClientsOwnAddress() {
        PodAttachment pod = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        publish(pod, everywhere(Transport.UDP));

        try (DatagramSocket client =
                        socket(node.vpc, Cidr.containing(OneNode.NODE_V4, 24).vSwitchGateway(), 0);
                Echo echo = new Echo(pod, "a")) {
            assertEquals("a", ask(client));
            assertEquals(client.getLocalAddress(), echo.client);
        }
    }

    @Test
    void aDatagramFlowFollowsThePortToTheNextPod() {
        Ip outside = Cidr.containing(OneNode.NODE_V4, 24).vSwitchGateway();
        try (DatagramSocket client = socket(node.vpc, outside, 0)) {
            send(client); // before any pod is there: the kernel now tracks a flow to the node itself
            for (int n = 11; n <= 12; n++) {
                PodAttachment pod = pod("p" + n, n, new Connection.PolicyRoute(OneNode.ENI));
                publish(pod, everywhere(Transport.UDP));
                try (Echo _ = new Echo(pod, "p" + n)) {
                    assertEquals("p" + n, ask(client));
                }
                remove(pod);
            }
        }
    }

    @Test
    void theLastDelTakesTheTableAway() {
        PodAttachment a = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        PodAttachment b = pod("b", 12, new Connection.PolicyRoute(OneNode.ENI));
        publish(a, everywhere(Transport.TCP));
        publish(b, List.of(HostPort.everywhere(Transport.TCP, Family.IPV4, 9090, 90)));

        remove(a);
        String left = Lab.output(node.host, "nft", "list", "table", "inet", "terway_hostport");
        assertTrue(left.contains("9090") && !left.contains("8080"), left);
        OneNode.talk(node.vpc, b.netns(), OneNode.NODE_V4, 9090, b.addresses().getFirst(), 90);

        remove(b);
        assertFalse(table().contains("terway_hostport"), table());
    }

    /** The ledger books the ports until the release is written: a look in between must not bring them back. */
    @Test
    void aLookBetweenDelAndReleaseDoesNotBringThePortBack() {
        PodAttachment pod = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        publish(pod, everywhere(Transport.TCP));

        assertInstanceOf(DelResult.Removed.class, datapath.del(pod.key(), pod.pod(), pod.netns(), pod.addresses()));
        ensureNode(pod);

        assertFalse(table().contains("terway_hostport"), table());
    }

    @Test
    void whatIsTamperedWithOrLeftOverIsSeenAndMended() {
        PodAttachment pod = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        publish(pod, everywhere(Transport.TCP));
        for (String damage : List.of("delete table inet terway_hostport", "flush chain inet terway_hostport in")) {
            assertEquals("", Lab.output(node.host, "nft", damage));
            CheckResult.Differs found = assertInstanceOf(CheckResult.Differs.class, datapath.check(pod));
            assertEquals(List.of("host nft table inet terway_hostport is missing or differs"), found.differences());
            ensureNode(pod);
            assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
        }
        // The next agent finds a table of pods that are no more.
        booked.clear();
        datapath = published();
        ensureNode(pod);
        assertFalse(table().contains("terway_hostport"), table());
    }

    @Test
    void aLedgerThatIsNotBelievedTakesNobodysPortAway() {
        PodAttachment a = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        PodAttachment b = pod("b", 12, new Connection.PolicyRoute(OneNode.ENI));
        publish(a, everywhere(Transport.TCP));
        publish(b, List.of(HostPort.everywhere(Transport.TCP, Family.IPV4, 9090, 90)));
        List<Published> whole = List.copyOf(booked);

        believed = false;
        booked.removeFirst();
        ensureNode(b);
        ensureNode(b);
        OneNode.talk(node.vpc, a.netns(), OneNode.NODE_V4, PORT, a.addresses().getFirst(), POD_PORT);
        assertEquals(
                Set.copyOf(whole.getFirst().ports()),
                Witness.of(node.host).stream()
                        .filter(c -> c.addresses().containsAll(a.addresses()))
                        .flatMap(c -> c.hostPorts().stream())
                        .collect(Collectors.toSet()));
        remove(b);
        assertFalse(Lab.output(node.host, "nft", "list", "table", "inet", "terway_hostport")
                .contains("9090"));

        believed = true;
        ensureNode(b);
        assertFalse(table().contains("terway_hostport"), table());
    }

    @Test
    void aPodWithoutALinkToTheHostIsRefusedWithTheReason() {
        PodAttachment pod = pod("a", 11, new Connection.ExclusiveEni(OneNode.ENI, false));
        booked.add(new Published(pod.key(), pod.addresses(), everywhere(Transport.TCP)));

        AddResult.Failed failed = assertInstanceOf(AddResult.Failed.class, datapath.add(pod));

        assertEquals("lead hostPort 8080/TCP to default/a", failed.step());
        assertTrue(failed.reason().contains("disable_host_peer"), failed.reason());
    }

    @Test
    void thePortIsOpenAtTheNodesLoopbackAndTheLoopbackStaysClosedToPods() {
        PodAttachment pod = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        publish(pod, everywhere(Transport.TCP));
        Ip loopback = Ip.parse("127.0.0.1");

        OneNode.talk(node.host, pod.netns(), loopback, PORT, pod.addresses().getFirst(), POD_PORT);

        // A pod that sends the node's loopback something on the wire, as if it were a router's address.
        assertEquals("", Lab.output(pod.netns(), "ip", "addr", "del", "127.0.0.1/8", "dev", "lo"));
        assertEquals(
                "",
                Lab.output(
                        pod.netns(), "ip", "route", "add", "127.0.0.2", "via", "169.254.1.1", "dev", "eth0", "onlink"));
        assertEquals("", Lab.output(pod.netns(), "sysctl", "-qw", "net.ipv4.conf.eth0.route_localnet=1"));
        assertThrows(
                UncheckedIOException.class,
                () -> OneNode.talk(pod.netns(), node.host, Ip.parse("127.0.0.2"), 9090, Ip.parse("127.0.0.2"), 9090));
    }

    @Test
    void aLinkThatStopsTheLoopbackIsSeenAndMended() {
        PodAttachment pod = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        publish(pod, everywhere(Transport.TCP));
        String key = "net.ipv4.conf." + LinkNames.hostLink(pod.pod(), "eth0") + ".route_localnet";

        assertEquals("", Lab.output(node.host, "sysctl", "-qw", key + "=0"));

        assertInstanceOf(CheckResult.Differs.class, datapath.check(pod));
        assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod));
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
    }

    @Test
    void aPortOfOneAddressIsOpenThereOnly() {
        PodAttachment pod = pod("a", 11, new Connection.PolicyRoute(OneNode.ENI));
        Ip second = Ip.parse("10.0.0.11");
        assertEquals("", Lab.output(node.host, "ip", "addr", "add", second + "/32", "dev", "eth0"));
        publish(pod, List.of(new HostPort(Transport.TCP, Cidr.single(second), PORT, POD_PORT)));

        OneNode.talk(node.host, pod.netns(), second, PORT, pod.addresses().getFirst(), POD_PORT);
        OneNode.talk(node.host, node.host, OneNode.NODE_V4, PORT, OneNode.NODE_V4, PORT);
    }

    private static InetAddress inet(Ip ip) {
        try {
            return InetAddress.getByAddress(ip.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DatagramSocket socket(Path netns, Ip at, int port) {
        return NetnsThread.call(netns, () -> {
            try {
                DatagramSocket socket = new DatagramSocket(port, inet(at));
                socket.setSoTimeout(TIMEOUT_MILLIS);
                return socket;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void send(DatagramSocket client) {
        try {
            client.send(new DatagramPacket(new byte[] {1}, 1, inet(OneNode.NODE_V4), PORT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What answers at the node's port. */
    private static String ask(DatagramSocket client) {
        send(client);
        DatagramPacket answer = new DatagramPacket(new byte[16], 16);
        try {
            client.receive(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new String(answer.getData(), 0, answer.getLength());
    }

    /** Answers each datagram with a name. */
    private static final class Echo implements AutoCloseable {
        private final DatagramSocket socket;
        private volatile InetAddress client;

        Echo(PodAttachment pod, String name) {
            socket = socket(pod.netns(), pod.addresses().getFirst(), POD_PORT);
            Thread.ofPlatform().daemon().start(() -> serve(name.getBytes()));
        }

        private void serve(byte[] name) {
            DatagramPacket packet = new DatagramPacket(new byte[16], 16);
            try {
                while (true) {
                    socket.receive(packet);
                    client = packet.getAddress();
                    socket.send(new DatagramPacket(name, name.length, packet.getSocketAddress()));
                }
            } catch (IOException closed) { // nobody asks any more
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
