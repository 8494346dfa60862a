package io.terway.agent.policy;

import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.policy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A node's namespace that routes between hosts, each a namespace with one address per family: pods and others look the
 * same, only the table tells them apart.
 */
final class PacketLab implements AutoCloseable {

    /** The node's own address on the way to every host. */
    static final Ip NODE = Ip.parse("10.0.9.1");

    private static final int HOP_MILLIS = 10;
    private static final int PATIENCE_MILLIS = 20_000;

    /** After the last packet that should pass has passed, for those that should not. */
    private static final int GRACE_MILLIS = 150;

    private final Lab lab = Lab.open();
    final Path node;
    private final Map<Ip, Path> hosts = new HashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<DatagramChannel> receivers = new ArrayList<>();

    /** One connection to try. */
    record Attempt(Ip from, Ip to, Transport transport, int port) {}

    /** @param count of hosts; each gets 10.0.0.N and fd00::N */
    PacketLab(int count) {
        node = lab.netns("node");
        script(node, "ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        for (int i = 1; i <= count; i++) {
            host(i);
        }
    }

    private void host(int i) {
        Path host = lab.netns("host" + i);
        Ip four = Ip.parse("10.0.0." + i);
        Ip six = Ip.parse("fd00::" + i);
        hosts.put(four, host);
        hosts.put(six, host);
        script(
                node,
                ("ip link add cali%d type veth peer name eth0 netns %s; ip link set cali%d up;"
                                + " sysctl -qw net.ipv6.conf.cali%d.accept_dad=0;"
                                + " ip addr add %s/32 dev cali%d; ip -6 addr add fe80::1/64 dev cali%d nodad")
                        .formatted(i, host, i, i, NODE, i, i));
        script(
                host,
                ("sysctl -qw net.ipv6.conf.eth0.accept_dad=0; ip link set lo up; ip link set eth0 up; ip addr add %s/32 dev eth0;"
                                + " ip -6 addr add %s/128 dev eth0 nodad; ip route add %s dev eth0;"
                                + " ip route add default via %s dev eth0; ip -6 route add default via fe80::1 dev eth0")
                        .formatted(four, six, NODE, NODE));
        script(node, "ip route add %s dev cali%d; ip -6 route add %s dev cali%d".formatted(four, i, six, i));
    }

    /** Runs a shell script in a namespace; it must succeed. */
    static String script(Path netns, String script) {
        String output = Lab.output(netns, "sh", "-ec", script + "; echo done-well");
        if (!output.endsWith("done-well\n")) {
            throw new AssertionError(script + ":\n" + output);
        }
        return output.substring(0, output.length() - "done-well\n".length());
    }

    /** As {@link #script}, on the host with this address; null when it fails. */
    String onHost(Ip host, String script) {
        String output = Lab.output(hosts.get(host), "sh", "-ec", script + "; echo done-well");
        return output.endsWith("done-well\n") ? output.substring(0, output.length() - "done-well\n".length()) : null;
    }

    /** The namespace of the host with this address. */
    Path namespace(Ip host) {
        return hosts.get(host);
    }

    /** One more namespace, without any link. */
    Path empty(String name) {
        return lab.netns(name);
    }

    /** True when the node tracks a connection between the two. */
    boolean tracks(Ip from, Ip to) {
        List<ConntrackEntry> found = new ArrayList<>();
        NetnsThread.run(node, () -> {
            try (Conntrack conntrack = Conntrack.open()) {
                conntrack.forEach(entry -> {
                    if (entry.from().equals(from) && entry.translated().equals(to)) {
                        found.add(entry);
                    }
                });
            }
        });
        return !found.isEmpty();
    }

    /** Every address of one family or both, in order. */
    List<Ip> addresses() {
        return hosts.keySet().stream().sorted().toList();
    }

    /** Every host listens on these ports, TCP and UDP. */
    void listen(int... ports) {
        Set<Path> namespaces = new HashSet<>(hosts.values());
        for (Path host : namespaces) {
            NetnsThread.run(host, () -> {
                try {
                    for (int port : ports) {
                        ServerSocketChannel server = ServerSocketChannel.open();
                        open.add(server);
                        server.bind(new InetSocketAddress(port), 4096).configureBlocking(false);
                        DatagramChannel receiver = DatagramChannel.open();
                        open.add(receiver);
                        receiver.bind(new InetSocketAddress(port)).configureBlocking(false);
                        receivers.add(receiver);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Makes all attempts at once; says which got through. Waits for those that {@code expected} names. */
    Set<Attempt> passing(List<Attempt> attempts, Predicate<Attempt> expected) {
        Map<Attempt, SocketChannel> connecting = new HashMap<>();
        List<Attempt> byNumber = List.copyOf(attempts);
        Set<Attempt> through = new HashSet<>();
        Map<Path, List<Integer>> byHost = new HashMap<>();
        for (int i = 0; i < byNumber.size(); i++) {
            byHost.computeIfAbsent(hosts.get(byNumber.get(i).from()), _ -> new ArrayList<>())
                    .add(i);
        }
        byHost.forEach((host, numbers) -> NetnsThread.run(host, () -> {
            for (int number : numbers) {
                begin(byNumber.get(number), number, connecting);
            }
        }));
        Set<Attempt> awaited = new HashSet<>(attempts.stream().filter(expected).toList());
        await(() -> {
            collect(byNumber, connecting, through);
            return through.containsAll(awaited);
        });
        pause(GRACE_MILLIS);
        collect(byNumber, connecting, through);
        connecting.values().forEach(PacketLab::close);
        return through;
    }

    private static void begin(Attempt attempt, int number, Map<Attempt, SocketChannel> connecting) {
        try {
            InetSocketAddress target = socket(attempt.to(), attempt.port());
            switch (attempt.transport()) {
                case TCP -> {
                    SocketChannel channel = SocketChannel.open(family(attempt.to()));
                    channel.configureBlocking(false);
                    channel.bind(socket(attempt.from(), 0));
                    channel.connect(target);
                    connecting.put(attempt, channel);
                }
                case UDP, SCTP -> {
                    try (DatagramChannel channel = DatagramChannel.open(family(attempt.to()))) {
                        channel.bind(socket(attempt.from(), 0));
                        channel.send(ByteBuffer.allocate(4).putInt(number).flip(), target);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void collect(List<Attempt> byNumber, Map<Attempt, SocketChannel> connecting, Set<Attempt> through) {
        connecting.forEach((attempt, channel) -> {
            try {
                if (!through.contains(attempt) && channel.finishConnect()) {
                    through.add(attempt);
                }
            } catch (IOException refused) {
                through.add(attempt); // a reset comes only from where the packet went
            }
        });
        ByteBuffer in = ByteBuffer.allocate(16);
        for (DatagramChannel receiver : receivers) {
            try {
                while (receiver.receive(in.clear()) != null) {
                    through.add(byNumber.get(in.getInt(0)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Makes the node forget every connection. */
    void forgetConnections() {
        NetnsThread.run(node, () -> {
            try (Conntrack conntrack = Conntrack.open()) {
                List<ConntrackEntry> all = new ArrayList<>();
                conntrack.forEach(all::add);
                conntrack.delete(all);
            }
        });
    }

    /** Waits for a condition, long: the machine may be busy. */
    static boolean await(BooleanSupplier condition) {
        for (int waited = 0; waited < PATIENCE_MILLIS; waited += HOP_MILLIS) {
            if (condition.getAsBoolean()) {
                return true;
            }
            pause(HOP_MILLIS);
        }
        return condition.getAsBoolean();
    }

    private static void pause(int millis) {
        java.util.concurrent.locks.LockSupport.parkNanos(millis * 1_000_000L);
    }

    static InetSocketAddress socket(Ip ip, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip.bytes()), port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StandardProtocolFamily family(Ip ip) {
        return ip.family() == Family.IPV4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        Stream.of(open).flatMap(List::stream).forEach(PacketLab::close);
        lab.close();
    }
}
