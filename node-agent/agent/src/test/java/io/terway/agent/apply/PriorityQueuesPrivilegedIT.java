package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.sandbox.Datapath;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.NftTable;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import io.terway.node.priority.NetworkPriority;
import io.terway.node.priority.PriorityTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who goes first where an ENI is full, with packets on a slow one, and tc as an independent witness. */
class PriorityQueuesPrivilegedIT {

    /** As many as a socket holds though nobody reads. */
    private static final int FLOOD = 60;

    private static final int TIMEOUT_MILLIS = 30_000;
    private static final NodeNetwork NETWORK = new NodeNetwork(List.of(Family.values()), List.of(), List.of(), false);

    private OneNode node;
    private DatapathApplier applier;
    private Datapath datapath;
    private volatile boolean enabled = true;
    private final List<Binding> booked = new CopyOnWriteArrayList<>();
    private final Map<PodRef, NetworkPriority> wishes = new ConcurrentHashMap<>();

    @BeforeEach
    void start() {
        node = new OneNode();
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        datapath = new PriorityQueues(
                node.host,
                Datapath.of(applier),
                () -> enabled,
                () -> List.copyOf(booked),
                ip -> booked.stream()
                        .filter(b -> b.ips().contains(ip))
                        .map(Binding::key)
                        .findFirst(),
                pod -> wishes.getOrDefault(pod, NetworkPriority.BURSTABLE));
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

    private PodAttachment plumbed(String name, int n, NetworkPriority priority) {
        PodAttachment pod = node.pod(name, n);
        wishes.put(pod.pod(), priority);
        booked.add(new Binding(
                pod.key(),
                new PodLife(pod.pod(), "uid-" + name),
                pod.netns(),
                pod.addresses().stream()
                        .map(ip -> new HeldAddress(ip, OneNode.ENI.id()))
                        .toList(),
                false,
                new BootTime("boot", Duration.ofSeconds(1)),
                n));
        assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod));
        return pod;
    }

    /** A link that is slow and takes what waits by the same three bands. */
    private void slowEni() {
        for (String command : List.of(
                "tc qdisc replace dev eth1 root handle 9: tbf rate 200kbit burst 2000 latency 60s",
                "tc qdisc add dev eth1 parent 9:1 handle 10: pfifo_fast")) {
            assertEquals("", Lab.output(node.host, command.split(" ")), command);
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aHigherClassOvertakesALowerOneThatWaits(Family family) throws IOException {
        PodAttachment low = plumbed("low", 11, NetworkPriority.BEST_EFFORT);
        PodAttachment middle = plumbed("middle", 12, NetworkPriority.BURSTABLE);
        PodAttachment high = plumbed("high", 13, NetworkPriority.GUARANTEED);
        slowEni();
        Ip to = OneNode.ENI.gateway(family).orElseThrow();

        try (DatagramSocket receiver = socket(node.vpc, to)) {
            receiver.setSoTimeout(TIMEOUT_MILLIS);
            // The type of service asks for speed: it is not the pod's to ask.
            send(low, family, receiver, FLOOD, 0x10);
            send(middle, family, receiver, 1, 0);
            send(high, family, receiver, 1, 0);

            List<Ip> arrived = new ArrayList<>();
            while (arrived.size() < FLOOD + 2) {
                DatagramPacket packet = new DatagramPacket(new byte[1000], 1000);
                receiver.receive(packet);
                arrived.add(Ip.of(packet.getAddress().getAddress()));
            }
            int last = arrived.lastIndexOf(of(low, family));
            assertTrue(arrived.indexOf(of(middle, family)) < last, arrived::toString);
            assertTrue(arrived.indexOf(of(high, family)) < last, arrived::toString);
        }
    }

    @Test
    void enisHaveThreeBandsWhileItIsAskedForAndTheirOwnQueueOtherwise() {
        assertInstanceOf(EniResult.Ready.class, datapath.ensureEni(OneNode.ENI));
        assertTrue(queues().contains("pfifo_fast"), queues());
        assertEquals("", Lab.output(node.host, "tc", "qdisc", "del", "dev", "eth1", "root"));
        assertInstanceOf(EniResult.Ready.class, datapath.ensureEni(OneNode.ENI));
        assertTrue(queues().contains(" 5457: root"), queues());

        enabled = false;
        assertInstanceOf(EniResult.Ready.class, datapath.ensureEni(OneNode.ENI));

        assertFalse(queues().contains("pfifo_fast"), queues());
    }

    @Test
    void theTableIsCheckedMendedAndGoesWithTheOption() {
        PodAttachment pod = plumbed("a", 11, NetworkPriority.GUARANTEED);
        for (int n = 12; n < 20; n++) {
            plumbed("p" + n, n, NetworkPriority.values()[n % 3]); // nft breaks long lists into lines
        }
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
        assertInstanceOf(NodeResult.Ready.class, datapath.ensureNode(NETWORK));
        assertEquals(new NodeResult.Ready(List.of()), datapath.ensureNode(NETWORK));

        assertEquals("", Lab.output(node.host, "nft", "flush", "map", "inet", "terway_priority", "ipv4"));
        assertInstanceOf(CheckResult.Differs.class, datapath.check(pod));
        datapath.ensureNode(NETWORK);
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));

        datapath.del(pod.key(), pod.pod(), pod.netns(), pod.addresses());
        assertFalse(table().contains("10.0.64.11 "), table());
        enabled = false;
        datapath.ensureNode(NETWORK);
        assertTrue(table().contains("No such file"), table());
    }

    @Test
    void whatOnePodChangesRewritesNothingOfOthers() {
        PodAttachment first = plumbed("a", 11, NetworkPriority.GUARANTEED);
        String handle = handle();

        PodAttachment second = plumbed("b", 12, NetworkPriority.BEST_EFFORT);
        assertInstanceOf(CheckResult.Intact.class, datapath.check(second));
        datapath.del(first.key(), first.pod(), first.netns(), first.addresses());

        assertInstanceOf(CheckResult.Intact.class, datapath.check(second));
        assertFalse(table().contains("10.0.64.11 "), table());
        assertTrue(table().contains("10.0.64.12 : 0:2"), table());
        assertEquals(handle, handle(), "the table was not made anew");
    }

    @Test
    void aPodThatLeavesTakesNothingFromWhoHasItsAddressNow() {
        PodAttachment old = plumbed("a", 11, NetworkPriority.GUARANTEED);
        Binding first = booked.removeFirst();
        booked.add(new Binding(
                new SandboxKey("terway", "later", "eth0"),
                first.pod(),
                first.netns(),
                first.addresses(),
                false,
                first.at(),
                2));

        datapath.del(old.key(), old.pod(), old.netns(), old.addresses());

        assertTrue(table().contains("10.0.64.11 : 0:6"), table());
    }

    private String handle() {
        return Lab.output(node.host, "nft", "-a", "list", "table", "inet", "terway_priority")
                .lines()
                .findFirst()
                .orElseThrow();
    }

    /** For links that only a guest kernel has; what it does shows on any link. */
    @Test
    void theTableInsideAPodMarksWhatItSends() throws IOException {
        PodAttachment pod = plumbed("a", 11, NetworkPriority.BURSTABLE);
        NftTable inside = PriorityTable.inside("eth0", NetworkPriority.GUARANTEED);
        for (String rule : List.of(
                "add table netdev w",
                "add chain netdev w out { type filter hook egress device eth0 priority 0; }",
                "add rule netdev w out udp dport 9 meta priority 0:6 counter")) {
            assertEquals("", Lab.output(pod.netns(), "nft", rule), rule);
        }

        NodeTable.put(pod.netns(), inside);

        assertTrue(NodeTable.has(pod.netns(), inside));
        try (DatagramSocket socket = socket(pod.netns(), of(pod, Family.IPV4))) {
            InetAddress to =
                    InetAddress.getByAddress(OneNode.V4.vSwitchGateway().bytes());
            socket.send(new DatagramPacket(new byte[1], 1, to, 9));
        }
        String counted = Lab.output(pod.netns(), "nft", "list", "table", "netdev", "w");
        assertTrue(counted.contains("counter packets 1 "), counted);
    }

    @Test
    void theNodesOwnLinkHasThreeBandsWherePodsLeaveByIt() {
        NodeNetwork routed =
                new NodeNetwork(List.of(Family.values()), List.of(Cidr.parse("192.168.7.0/24")), List.of(), false);
        assertInstanceOf(NodeResult.Ready.class, datapath.ensureNode(NETWORK));
        assertFalse(queues("eth0").contains("pfifo_fast"), queues("eth0"));

        assertInstanceOf(NodeResult.Ready.class, datapath.ensureNode(routed));
        assertTrue(queues("eth0").contains(" 5457: root"), queues("eth0"));

        enabled = false;
        assertInstanceOf(NodeResult.Ready.class, datapath.ensureNode(routed));
        assertFalse(queues("eth0").contains("pfifo_fast"), queues("eth0"));
    }

    private String table() {
        return Lab.output(node.host, "nft", "list", "table", "inet", "terway_priority");
    }

    private String queues() {
        return queues("eth1");
    }

    private String queues(String link) {
        return Lab.output(node.host, "tc", "qdisc", "show", "dev", link);
    }

    private static Ip of(PodAttachment pod, Family family) {
        return pod.addresses().stream()
                .filter(ip -> ip.family() == family)
                .findFirst()
                .orElseThrow();
    }

    private static void send(PodAttachment pod, Family family, DatagramSocket to, int count, int typeOfService)
            throws IOException {
        try (DatagramSocket socket = socket(pod.netns(), of(pod, family))) {
            socket.setTrafficClass(typeOfService);
            for (int i = 0; i < count; i++) {
                socket.send(new DatagramPacket(new byte[1000], 1000, to.getLocalSocketAddress()));
            }
        }
    }

    private static DatagramSocket socket(Path netns, Ip at) {
        return NetnsThread.call(netns, () -> {
            try {
                return new DatagramSocket(0, InetAddress.getByAddress(at.bytes()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
