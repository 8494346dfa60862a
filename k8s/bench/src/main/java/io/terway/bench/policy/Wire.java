package io.terway.bench.policy;

import io.terway.bench.Command;
import io.terway.linux.netns.NamedNetns;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Ip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's namespace between a client's and a server's, and traffic through it. It has the policy routing rules of as many
 * pods as a node takes: every look at its routes walks them, with policy or without.
 */
final class Wire implements AutoCloseable {

    static final Ip CLIENT = Ip.parse("10.0.0.1");
    static final Ip SERVER = Ip.parse("10.0.0.2");

    private static final int PORT = 80;
    private static final int CHUNK = 128 * 1024;
    private static final int PIECES = 1_500;
    private static final int STREAMED = 4_000;
    private static final int OTHER_PODS = 108;
    private static final int FIRST_OF_POD = 512;
    private static final int LAST_OF_POD = 2048;

    private final Path directory;
    final Path node;
    private final Path client;
    private final Path server;
    private final ServerSocketChannel listener;

    /** What a round took, in milliseconds of the clock and of the CPU. */
    record Took(double clock, double cpu) {}

    Wire() throws IOException {
        directory = Files.createTempDirectory("terway-bench");
        node = NamedNetns.create(directory.resolve("node"));
        client = NamedNetns.create(directory.resolve("client"));
        server = NamedNetns.create(directory.resolve("server"));
        // A Service, as kube-proxy has them: so connections are tracked whether or not there is policy.
        script(
                node,
                "ip link set lo up; ip addr add 10.0.9.1/32 dev lo; sysctl -qw net.ipv4.ip_forward=1;"
                        + " nft 'add table ip services; add chain ip services pre { type nat hook prerouting priority -100; };"
                        + " add rule ip services pre ip daddr 172.16.0.1 dnat to 10.0.0.9;"
                        + " add chain ip services post { type nat hook postrouting priority 100; };"
                        + " add rule ip services post meta mark & 0x4000 == 0x4000 masquerade;'");
        routingRules(0, OTHER_PODS / 2);
        host(client, "cali1", CLIENT);
        host(server, "cali2", SERVER);
        routingRules(OTHER_PODS / 2, OTHER_PODS);
        listener = NetnsThread.call(server, () -> {
            try {
                return ServerSocketChannel.open().bind(socket(), 64);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** As the agent makes them: to the pod by main, from it by its ENI's table. */
    private void routingRules(int from, int to) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = from; i < to; i++) {
            lines.addAll(routingRules(Ip.parse("10.8.0.0").plus(i)));
        }
        Path batch = Files.write(directory.resolve("rules"), lines);
        script(node, "ip -batch " + batch);
        Files.delete(batch);
    }

    private static List<String> routingRules(Ip pod) {
        return List.of(
                "rule add to %s lookup main pref %d".formatted(pod, FIRST_OF_POD),
                "rule add from %s lookup 1000 pref %d".formatted(pod, LAST_OF_POD));
    }

    private void host(Path netns, String link, Ip ip) {
        routingRules(ip).forEach(rule -> script(node, "ip " + rule));
        script(
                node,
                ("ip link add %1$s type veth peer name eth0 netns %2$s; ip link set %1$s up; ip route add %3$s dev %1$s;"
                                + " sysctl -qw net.ipv4.conf.%1$s.proxy_arp=1")
                        .formatted(link, netns, ip));
        script(
                netns,
                ("ip link set lo up; ip link set eth0 up; ip addr add %s/32 dev eth0; ip route add default dev eth0")
                        .formatted(ip));
    }

    private static void script(Path netns, String text) {
        Command.require(List.of("nsenter", "--net=" + netns, "sh", "-ec", text));
    }

    Path namespace(Ip ip) {
        return ip.equals(CLIENT) ? client : server;
    }

    /** Opens connections one after the other, and drops each as soon as both sides have it. */
    Took connect(int times) {
        return timed(() -> {
            for (int i = 0; i < times; i++) {
                SocketChannel channel = SocketChannel.open();
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                channel.connect(socket());
                SocketChannel accepted = listener.accept();
                channel.close();
                accepted.close();
            }
        });
    }

    /** Sends some 190 MB through one connection; one thread does both ends, so that its CPU time is the whole cost. */
    Took transfer() {
        return timed(() -> {
            try (SocketChannel channel = SocketChannel.open(socket());
                    SocketChannel accepted = listener.accept()) {
                ByteBuffer out = ByteBuffer.allocateDirect(CHUNK);
                ByteBuffer in = ByteBuffer.allocateDirect(CHUNK);
                channel.configureBlocking(false);
                accepted.configureBlocking(false);
                long left = (long) PIECES * CHUNK;
                while (left > 0) {
                    channel.write(out);
                    if (!out.hasRemaining()) {
                        out.clear();
                    }
                    left -= Math.max(0, accepted.read(in.clear()));
                }
            }
        });
    }

    /** Sends half a gigabyte through one connection as fast as it goes, each end on a thread of its own. */
    Took stream() {
        return timed(() -> {
            try (SocketChannel channel = SocketChannel.open(socket());
                    SocketChannel accepted = listener.accept()) {
                Thread receiver = Thread.ofPlatform().start(() -> drain(accepted));
                ByteBuffer out = ByteBuffer.allocateDirect(CHUNK);
                for (int i = 0; i < STREAMED; i++) {
                    out.clear();
                    while (out.hasRemaining()) {
                        channel.write(out);
                    }
                }
                channel.shutdownOutput();
                receiver.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while measuring", e);
            }
        });
    }

    private static void drain(SocketChannel accepted) {
        ByteBuffer in = ByteBuffer.allocateDirect(CHUNK);
        try {
            while (accepted.read(in.clear()) >= 0) {}
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Round {
        void run() throws IOException;
    }

    private Took timed(Round round) {
        return NetnsThread.call(client, () -> {
            var threads = ManagementFactory.getThreadMXBean();
            long clock = System.nanoTime();
            long cpu = threads.getCurrentThreadCpuTime();
            try {
                round.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new Took((System.nanoTime() - clock) / 1e6, (threads.getCurrentThreadCpuTime() - cpu) / 1e6);
        });
    }

    private static InetSocketAddress socket() throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(SERVER.bytes()), PORT);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Path netns : List.of(client, server, node)) {
            NamedNetns.remove(netns);
        }
        Command.run(List.of("umount", "-l", directory.toString()));
        Files.deleteIfExists(directory);
    }
}
