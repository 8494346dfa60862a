package io.terway.agent.apply;

import io.terway.linux.netlink.Address;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.LinkChange;
import io.terway.linux.netlink.LinkEnd;
import io.terway.linux.netlink.Links;
import io.terway.linux.netlink.Neighbour;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsFd;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.sysctl.Sysctl;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node with one ENI: a veth into a namespace that stands for the VPC and answers at the vSwitch's gateways. */
public final class OneNode implements AutoCloseable {

    public static final Cidr V4 = Cidr.parse("10.0.64.0/20");
    public static final Cidr V6 = Cidr.parse("fd00:64::/64");
    public static final EniAttachment ENI =
            new EniAttachment(new EniId("eni-test"), Mac.parse("00:16:3e:00:00:01"), List.of(V4, V6));

    public static final Ip NODE_V4 = Ip.parse("10.0.0.10");
    public static final Ip NODE_V6 = Ip.parse("fd00:1::10");

    static final Mac PRIMARY_MAC = Mac.parse("00:16:3e:00:00:f0");
    private static final int MTU = 1450;
    private static final int TIMEOUT_MILLIS = 3000;

    final Lab lab = Lab.open();
    public final Path host = lab.netns("host");
    public final Path vpc = lab.netns("vpc");
    private final RouteSocket vpcSocket = RouteSocket.open(vpc);
    private final Link vpcLink;

    public OneNode() {
        try (NetnsFd fd = NetnsFd.open(host)) {
            vpcLink = vpcSocket.create(Links.veth(
                    LinkEnd.named("port"), LinkEnd.named("eth1").in(fd.number()).mac(ENI.mac())));
        }
        List.of(host, vpc).forEach(OneNode::loopbackUp);
        vpcSocket.execute(
                LinkChange.of(vpcLink.index()).up().request(),
                Address.of(vpcLink.index(), V4.vSwitchGateway(), V4.prefixLength())
                        .add(),
                Address.of(vpcLink.index(), V6.vSwitchGateway(), V6.prefixLength())
                        .add());
    }

    /** Gives the node an own link to the VPC, with its addresses and default routes. */
    public void plugPrimary() {
        try (NetnsFd fd = NetnsFd.open(host)) {
            Link port = vpcSocket.create(Links.veth(
                    LinkEnd.named("port0"),
                    LinkEnd.named("eth0").in(fd.number()).mac(PRIMARY_MAC)));
            vpcSocket.execute(LinkChange.of(port.index()).up().request());
            List.of(NODE_V4, NODE_V6).forEach(ip -> {
                int length = ip.family() == Family.IPV4 ? 24 : 64;
                Ip gateway = Cidr.containing(ip, length).vSwitchGateway();
                vpcSocket.execute(Address.of(port.index(), gateway, length).add());
                vpcSocket.execute(
                        Neighbour.permanent(port.index(), ip, PRIMARY_MAC).replace());
            });
        }
        try (RouteSocket socket = RouteSocket.open(host)) {
            Link eth0 = socket.link("eth0").orElseThrow();
            socket.execute(LinkChange.of(eth0.index()).up().request());
            List.of(NODE_V4, NODE_V6).forEach(ip -> {
                int length = ip.family() == Family.IPV4 ? 24 : 64;
                socket.execute(Address.of(eth0.index(), ip, length).add());
                socket.execute(Route.defaultRoute(ip.family(), eth0.index())
                        .via(Cidr.containing(ip, length).vSwitchGateway())
                        .add());
            });
        }
        NetnsThread.run(vpc, () -> {
            Sysctl.write("net/ipv4/ip_forward", "1");
            Sysctl.write("net/ipv6/conf/all/forwarding", "1");
        });
    }

    /** The VPC sends a block to the node's own link, as a route entry to the instance does. */
    public void routeToNode(Cidr block) {
        Link port = vpcSocket.link("port0").orElseThrow();
        vpcSocket.execute(Route.to(block, port.index())
                .viaOnlink(block.family() == Family.IPV4 ? NODE_V4 : NODE_V6)
                .add());
    }

    /** The VPC sends these addresses to another MAC than the ENI's. */
    void vpcResolves(List<Ip> addresses, Mac mac) {
        addresses.forEach(ip ->
                vpcSocket.execute(Neighbour.permanent(vpcLink.index(), ip, mac).replace()));
    }

    /** The same sandbox, connected in another way. */
    public static PodAttachment connected(PodAttachment pod, Connection connection, Reach reach) {
        return new PodAttachment(pod.key(), pod.pod(), pod.netns(), pod.addresses(), connection, pod.mtu(), reach);
    }

    /** The same sandbox, with other addresses and another connection. */
    static PodAttachment connected(PodAttachment pod, Connection connection, List<Ip> addresses) {
        return new PodAttachment(pod.key(), pod.pod(), pod.netns(), addresses, connection, pod.mtu(), Reach.NOTHING);
    }

    /** A sandbox with the n-th addresses of the vSwitch, which the VPC from now on sends to the ENI. */
    public PodAttachment pod(String name, int n) {
        Path netns = lab.netns(name);
        loopbackUp(netns);
        List<Ip> addresses = List.of(V4.network().plus(n), V6.network().plus(n));
        addresses.forEach(ip -> vpcSocket.execute(
                Neighbour.permanent(vpcLink.index(), ip, ENI.mac()).replace()));
        SandboxKey key = new SandboxKey("terway", "sandbox-" + name + "-" + n, "eth0");
        return new PodAttachment(
                key,
                new PodRef("default", name),
                netns,
                addresses,
                new Connection.PolicyRoute(ENI),
                MTU,
                Reach.NOTHING);
    }

    /** One byte there and back over TCP, between two namespaces. Fails when it takes long. */
    static void talk(Path client, Path server, Ip to) {
        talk(client, server, to, 0, to, 0);
    }

    /** The address under which a server sees a client. */
    static Ip sourceSeen(Path client, Path server, Ip to) {
        try (ServerSocket listening = NetnsThread.call(server, () -> listen(to, 0));
                Socket _ = NetnsThread.call(client, () -> connect(to, listening.getLocalPort()));
                Socket accepted = listening.accept()) {
            return Ip.of(accepted.getInetAddress().getAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("see who calls " + to, e);
        }
    }

    /** The client calls one address and port, the server listens at another: something translates between them. */
    static void talk(Path client, Path server, Ip to, int port, Ip at, int listenPort) {
        try (ServerSocket listening = NetnsThread.call(server, () -> listen(at, listenPort))) {
            Thread echo = Thread.ofPlatform().daemon().start(() -> echo(listening));
            int called = port == 0 ? listening.getLocalPort() : port;
            try (Socket socket = NetnsThread.call(client, () -> connect(to, called))) {
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.getOutputStream().write(42);
                if (socket.getInputStream().read() != 42) {
                    throw new AssertionError("no echo from " + to);
                }
            }
            echo.join();
        } catch (IOException e) {
            throw new UncheckedIOException("talk to " + to, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Everything {@code ip} shows in the host's namespace that could be ours, line by line. */
    List<String> leftovers() {
        List<String> lines = new ArrayList<>();
        for (String what : List.of("link", "-4 rule", "-6 rule", "-4 route", "-6 route", "neigh")) {
            List<String> command = new ArrayList<>(List.of("ip", "-o"));
            command.addAll(List.of(what.split(" ")));
            Lab.output(host, command.toArray(String[]::new)).lines().forEach(lines::add);
        }
        return lines.stream()
                .filter(l -> l.contains("cali") || l.contains("twx") || l.contains("10.0.64.") || l.contains("fd00:64"))
                .toList();
    }

    @Override
    public void close() {
        vpcSocket.close();
        lab.close();
    }

    private static void loopbackUp(Path netns) {
        try (RouteSocket socket = RouteSocket.open(netns)) {
            socket.execute(LinkChange.of(1).up().request());
        }
    }

    private static ServerSocket listen(Ip at, int port) {
        try {
            ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByAddress(at.bytes()));
            socket.setSoTimeout(TIMEOUT_MILLIS);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException("listen on " + at, e);
        }
    }

    private static Socket connect(Ip to, int port) {
        try {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(to.bytes()), port), TIMEOUT_MILLIS);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException("connect to " + to, e);
        }
    }

    private static void echo(ServerSocket listening) {
        try (Socket socket = listening.accept()) {
            socket.getOutputStream().write(socket.getInputStream().read());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
