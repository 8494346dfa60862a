package io.terway.lab.fabric;

import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.eni.sim.vpc.VpcId;
import io.terway.lab.Shell;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.SecurityGroupId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the drills of {@link FabricPrivilegedIT} share: packets between namespaces, and one printed line per law. */
final class Drill {
    static final int ARRIVES_MILLIS = 3_000;
    static final int LOST_MILLIS = 300;

    /** A group that lets everything pass. */
    static final SecurityGroup OPEN =
            group("sg-open", SecurityGroup.Kind.NORMAL, false, rule(true, "0.0.0.0/0"), rule(true, "::/0"));

    private Drill() {}

    static SecurityGroup group(String id, SecurityGroup.Kind kind, boolean innerAccept, SecurityRule... rules) {
        return new SecurityGroup(
                new SecurityGroupId(id),
                id,
                "",
                new VpcId("vpc-1"),
                kind,
                innerAccept,
                List.of(rules),
                Map.of(),
                Instant.EPOCH);
    }

    static SecurityRule rule(boolean ingress, String block) {
        return rule(ingress, "all", -1, -1, new SecurityRule.Peer.Block(Cidr.parse(block)), true, 1);
    }

    static SecurityRule rule(
            boolean ingress,
            String protocol,
            int first,
            int last,
            SecurityRule.Peer peer,
            boolean accept,
            int priority) {
        return new SecurityRule("sgr-1", ingress, protocol, first, last, peer, accept, priority, "", Instant.EPOCH);
    }

    static Plug plug(int number, NodeName node, boolean primary, List<Cidr> subnets, List<Ip> addresses) {
        return new Plug(
                new EniId("eni-" + number),
                new Mac(0x00163e000000L + number),
                node,
                primary,
                subnets,
                addresses,
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(OPEN.id()));
    }

    static void tell(String law, boolean holds) {
        System.out.println(law + "=" + holds);
    }

    static void address(NodeName node, Ip ip) {
        String nodad = ip.family() == Family.IPV6 ? " nodad" : "";
        Shell.need(
                List.of("ip", "-n", node.value(), "-batch", "-"),
                "address add " + Cidr.single(ip) + " dev lo" + nodad + "\n");
    }

    static long spoofed() {
        String text = Shell.need(
                List.of("nsenter", "--net=/run/netns/vpc", "nft", "list", "counter", "inet", "vpc", "spoofed"), "");
        return Long.parseLong(text.replaceAll("(?s).*packets (\\d+).*", "$1"));
    }

    static boolean exchange(NodeName from, Ip source, NodeName to, Ip target, int millis) {
        return exchange(from, source, to, target, 0, millis);
    }

    /** One datagram there; true when it arrives within the time. No node is the management namespace. */
    static boolean exchange(NodeName from, Ip source, NodeName to, Ip target, int port, int millis) {
        try (DatagramSocket server = open(to, target, port);
                DatagramSocket client = open(from, source, 0)) {
            return arrives(client, server, millis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As exchange, with an answer on the way back. */
    static boolean converse(NodeName from, Ip source, NodeName to, Ip target, int port, int millis) {
        try (DatagramSocket server = open(to, target, port);
                DatagramSocket client = open(from, source, 0)) {
            return arrives(client, server, millis) && arrives(server, client, millis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean arrives(DatagramSocket from, DatagramSocket to, int millis) throws IOException {
        to.setSoTimeout(millis);
        from.send(new DatagramPacket(new byte[] {1}, 1, to.getLocalSocketAddress()));
        try {
            to.receive(new DatagramPacket(new byte[1], 1));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    static DatagramSocket open(NodeName node, Ip ip, int port) {
        Path netns = node == null ? Path.of("/proc/self/ns/net") : Path.of("/run/netns", node.value());
        return NetnsThread.call(netns, () -> {
            try {
                return new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(ip.bytes()), port));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
