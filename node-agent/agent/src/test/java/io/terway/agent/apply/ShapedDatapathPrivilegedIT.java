package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.pods.Bandwidth;
import io.terway.agent.sandbox.Datapath;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rates in the kernel, with tc as an independent witness. */
class ShapedDatapathPrivilegedIT {

    private static final Bandwidth LIMITED = new Bandwidth(OptionalLong.of(1_250_000), OptionalLong.of(625_000));

    private final OneNode node = new OneNode();
    private DatapathApplier applier;

    @BeforeEach
    void openApplier() {
        applier = DatapathApplier.open(node.host);
    }

    @AfterEach
    void leaveNothing() {
        applier.close();
        node.close();
    }

    private Datapath shaped(Bandwidth wish, boolean byOthers) {
        return new ShapedDatapath(node.host, Datapath.of(applier), _ -> wish, () -> byOthers);
    }

    private static String tc(Path netns, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + netns, "tc"));
        List<String> rest = new ArrayList<>(List.of(words));
        if (rest.getFirst().startsWith("-")) {
            command.add(rest.removeFirst());
        }
        command.add("qdisc");
        command.addAll(rest);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    void bothDirectionsAreShapedCheckedAndRepaired() throws Exception {
        Datapath datapath = shaped(LIMITED, false);
        PodAttachment pod = node.pod("a", 11);

        String host =
                assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod)).hostLink();

        assertTrue(tc(node.host, "show", "dev", host).contains("tbf 5457: root refcnt"), tc(node.host, "show"));
        assertTrue(tc(node.host, "show", "dev", host).contains("rate 10Mbit burst 64Kb"), tc(node.host, "show"));
        assertTrue(tc(pod.netns(), "show", "dev", "eth0").contains("rate 5Mbit"), tc(pod.netns(), "show"));
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));

        tc(pod.netns(), "del", "dev", "eth0", "root");
        var differs = assertInstanceOf(CheckResult.Differs.class, datapath.check(pod));
        assertEquals(List.of("link eth0 is not shaped to 625000 bytes/s"), differs.differences());

        datapath.add(pod);
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
    }

    @Test
    void ratesBeyondFourGigabytesAreKept() throws Exception {
        Datapath datapath = shaped(new Bandwidth(OptionalLong.of(10_000_000_000L), OptionalLong.empty()), false);
        PodAttachment pod = node.pod("a", 11);

        String host =
                assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod)).hostLink();

        assertTrue(tc(node.host, "show", "dev", host).contains("rate 80Gbit"), tc(node.host, "show"));
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
    }

    @Test
    void nothingIsShapedWithoutAWishOrWhereTheBandwidthPluginDoes() throws Exception {
        PodAttachment plain = node.pod("a", 11);
        shaped(Bandwidth.UNLIMITED, false).add(plain);
        PodAttachment chained = node.pod("b", 12);
        shaped(LIMITED, true).add(chained);

        assertFalse(tc(node.host, "show").contains("tbf"));
        assertFalse(tc(chained.netns(), "show").contains("tbf"));
    }

    /** Nothing of the node lies before an ENI that is in the pod: what comes in is shaped inside, by both of its links. */
    @Test
    void whatAPodWithAnEniOfItsOwnReceivesIsShapedInsideOfIt() throws Exception {
        node.plugPrimary();
        Datapath datapath = shaped(new Bandwidth(OptionalLong.of(12_500), OptionalLong.of(625_000)), false);
        PodAttachment pod =
                OneNode.connected(node.pod("a", 11), new Connection.ExclusiveEni(OneNode.ENI, true), Reach.NOTHING);

        assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod));

        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
        assertTrue(tc(pod.netns(), "show", "dev", "veth1").contains("rate 5Mbit"), tc(pod.netns(), "show"));
        assertTrue(tc(pod.netns(), "show", "dev", "twieth0").contains("rate 100Kbit"), tc(pod.netns(), "show"));
        for (Ip ip : pod.addresses()) {
            Ip gateway = OneNode.ENI.gateway(ip.family()).orElseThrow();
            OneNode.talk(pod.netns(), node.vpc, gateway);
            OneNode.talk(pod.netns(), node.host, ip.family() == Family.IPV4 ? OneNode.NODE_V4 : OneNode.NODE_V6);
        }
        for (Ip ip : pod.addresses()) { // last: it takes seconds until the queue is empty
            flood(node.vpc, OneNode.ENI.gateway(ip.family()).orElseThrow(), ip);
        }
        String counted = tc(pod.netns(), "-s", "show", "dev", "twieth0");
        assertFalse(counted.contains("dropped 0"), counted);

        for (String damage :
                List.of("tc filter del dev eth0 ingress", "tc qdisc del dev veth1 clsact", "ip link del twieth0")) {
            assertEquals("", Lab.output(pod.netns(), damage.split(" ")), damage);
            var differs = assertInstanceOf(CheckResult.Differs.class, datapath.check(pod), damage);
            assertEquals(
                    List.of("what links [eth0, veth1] receive is not shaped to 12500 bytes/s"), differs.differences());
            assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod));
            assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
        }
        datapath.del(pod.key(), pod.pod(), pod.netns(), pod.addresses());
        assertFalse(Lab.output(pod.netns(), "ip", "-o", "link").contains("twi"));
        assertFalse(Lab.output(node.host, "tc", "qdisc", "show").contains("clsact"), "the ENI came home plain");
    }

    /** More at once than the queue and its burst take. */
    private static void flood(Path from, Ip at, Ip to) throws IOException {
        try (DatagramSocket socket = NetnsThread.call(from, () -> socket(at))) {
            InetAddress address = InetAddress.getByAddress(to.bytes());
            for (int i = 0; i < 400; i++) {
                socket.send(new DatagramPacket(new byte[1000], 1000, address, 9));
            }
        }
    }

    private static DatagramSocket socket(Ip at) {
        try {
            return new DatagramSocket(0, InetAddress.getByAddress(at.bytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
