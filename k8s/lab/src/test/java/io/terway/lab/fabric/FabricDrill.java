package io.terway.lab.fabric;

import io.terway.lab.Shell;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;

/** The scenario of {@link FabricPrivilegedIT}, run in namespaces of its own; prints one line per law that holds. */
final class FabricDrill {
    private static final Cidr SUBNET = Cidr.parse("10.0.0.0/24");
    private static final NodeName ONE = new NodeName("node-1");
    private static final NodeName TWO = new NodeName("node-2");
    private static final Ip FIRST = Ip.parse("10.0.0.5");
    private static final Ip SECOND = Ip.parse("10.0.0.6");
    private static final Ip EXTRA = Ip.parse("10.0.0.7");
    private static final Ip FOREIGN = Ip.parse("10.0.0.99");
    private static final Ip SERVICES = Ip.parse("100.100.0.10");
    private static final int ARRIVES_MILLIS = 3_000;
    private static final int LOST_MILLIS = 300;

    private FabricDrill() {}

    public static void main(String[] arguments) {
        Router.make(SERVICES, List.of(Ip.parse("100.100.100.200")), List.of(ONE, TWO));
        Fabric fabric = Fabric.open();
        fabric.apply(List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND)), List.of(SUBNET));
        tell("nodesExchangePackets", exchange(ONE, FIRST, TWO, SECOND, ARRIVES_MILLIS));
        tell("managementReachesNodes", exchange(null, SERVICES, TWO, SECOND, ARRIVES_MILLIS));
        address(ONE, FOREIGN);
        tell("aForeignSourceIsDropped", !exchange(ONE, FOREIGN, TWO, SECOND, LOST_MILLIS));
        tell("theDropIsCounted", spoofed() > 0);
        address(TWO, EXTRA);
        tell("anUnassignedAddressIsUnreachable", !exchange(ONE, FIRST, TWO, EXTRA, LOST_MILLIS));
        fabric.apply(List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND, EXTRA)), List.of(SUBNET));
        tell("anAssignedAddressIsReachable", exchange(ONE, FIRST, TWO, EXTRA, ARRIVES_MILLIS));
        tell(
                "aRestartFindsNothingToDo",
                Fabric.open().apply(List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND, EXTRA)), List.of(SUBNET)) == 0);
        fabric.apply(List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND)), List.of(SUBNET));
        tell("anUnassignedAddressIsCutOff", !exchange(ONE, FIRST, TWO, EXTRA, LOST_MILLIS));
        Plug hot = new Plug(
                new EniId("eni-3"),
                new Mac(0x00163e000003L),
                ONE,
                false,
                List.of(SUBNET),
                List.of(EXTRA),
                List.of(),
                List.of());
        fabric.apply(List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND), hot), List.of(SUBNET));
        tell(
                "aSecondEniAppearsAsEth1WithItsMac",
                Shell.need(List.of("ip", "-n", "node-1", "link", "show", "eth1"), "")
                        .contains("00:16:3e:00:00:03"));
        fabric.apply(List.of(plug(1, ONE, FIRST), plug(2, TWO, SECOND)), List.of(SUBNET));
        tell(
                "aDetachedEniDisappears",
                !Shell.run(List.of("ip", "-n", "node-1", "link", "show", "eth1"), "")
                        .ok());
        tell("theOthersGoOn", exchange(ONE, FIRST, TWO, SECOND, ARRIVES_MILLIS));
    }

    private static Plug plug(int number, NodeName node, Ip... addresses) {
        return new Plug(
                new EniId("eni-" + number),
                new Mac(0x00163e000000L + number),
                node,
                true,
                List.of(SUBNET),
                List.of(addresses),
                List.of(),
                List.of());
    }

    private static void tell(String law, boolean holds) {
        System.out.println(law + "=" + holds);
    }

    private static void address(NodeName node, Ip ip) {
        Shell.need(
                List.of(
                        "ip",
                        "-n",
                        node.value(),
                        "address",
                        "add",
                        Cidr.single(ip).toString(),
                        "dev",
                        "lo"),
                "");
    }

    private static long spoofed() {
        String text = Shell.need(
                List.of("nsenter", "--net=/run/netns/vpc", "nft", "list", "counter", "inet", "vpc", "spoofed"), "");
        return Long.parseLong(text.replaceAll("(?s).*packets (\\d+).*", "$1"));
    }

    /** One datagram there; true when it arrives within the time. */
    private static boolean exchange(NodeName from, Ip source, NodeName to, Ip target, int millis) {
        try (DatagramSocket server = open(to, target);
                DatagramSocket client = open(from, source)) {
            server.setSoTimeout(millis);
            client.send(new DatagramPacket(new byte[] {1}, 1, server.getLocalSocketAddress()));
            server.receive(new DatagramPacket(new byte[1], 1));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DatagramSocket open(NodeName node, Ip ip) {
        Path netns = node == null ? Path.of("/proc/self/ns/net") : Path.of("/run/netns", node.value());
        return NetnsThread.call(netns, () -> {
            try {
                return new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(ip.bytes()), 0));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
