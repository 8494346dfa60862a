package io.terway.e2e.policy;

import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.policy.Probe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All probes of a cluster at once. Everybody listens on every port; a probe has passed when its packet arrived and what
 * answers it came back.
 */
final class Volley implements AutoCloseable {

    private static final long HOP_NANOS = 5_000_000;
    private static final long FIRE_AGAIN_NANOS = 2_000_000_000;
    private static final long PATIENCE_NANOS = 40_000_000_000L;

    /** After all that should pass has passed, for what should not. */
    private static final long GRACE_NANOS = 150_000_000;

    private final List<AutoCloseable> listening = new ArrayList<>();
    private final List<DatagramChannel> servers = new ArrayList<>();
    private final SctpPackets sctp = new SctpPackets();

    private final Map<Integer, SocketChannel> connecting = new HashMap<>();
    private final List<DatagramChannel> clients = new ArrayList<>();
    private final Set<Integer> passed = new HashSet<>();
    private final Map<Integer, IOException> refused = new HashMap<>();
    private int firstNumber = 1;

    /** Why connections were refused, of all volleys. */
    final Map<Probe, IOException> refusals = new HashMap<>();

    /** @param namespaces where to listen, each with the addresses it may ever hold */
    Volley(Map<Path, List<Ip>> namespaces, int... ports) {
        namespaces.forEach((netns, addresses) -> {
            sctp.listen(netns);
            NetnsThread.run(netns, () -> {
                try {
                    for (int port : ports) {
                        listen(port, addresses);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        });
    }

    private void listen(int port, List<Ip> addresses) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        listening.add(server);
        server.bind(new InetSocketAddress(port), 4096);
        for (Ip address : addresses) {
            DatagramChannel receiver = DatagramChannel.open(family(address));
            listening.add(receiver);
            receiver.bind(socket(address, port)).configureBlocking(false);
            servers.add(receiver);
        }
    }

    /**
     * @param homes the namespace of each source address
     * @param expected is waited for
     * @return those that passed
     */
    Set<Probe> fire(List<Probe> probes, Function<Ip, Path> homes, Set<Probe> expected) {
        Map<Integer, Probe> byNumber = new HashMap<>();
        for (Probe probe : probes) {
            byNumber.put(firstNumber++, probe);
        }
        Set<Integer> awaited = byNumber.keySet().stream()
                .filter(number -> expected.contains(byNumber.get(number)))
                .collect(Collectors.toSet());
        try {
            send(byNumber, homes);
            long begun = System.nanoTime();
            long fired = begun;
            for (collect();
                    !passed.containsAll(awaited) && refused.isEmpty() && System.nanoTime() - begun < PATIENCE_NANOS;
                    collect()) {
                if (System.nanoTime() - fired > FIRE_AGAIN_NANOS) {
                    Map<Integer, Probe> missing = new HashMap<>(byNumber);
                    missing.keySet().removeAll(passed);
                    missing.keySet().removeAll(connecting.keySet());
                    send(missing, homes);
                    fired = System.nanoTime();
                }
                LockSupport.parkNanos(HOP_NANOS);
            }
            // Everybody listens, so nobody should be refused.
            refused.forEach((number, why) -> refusals.put(byNumber.get(number), why));
            for (long end = System.nanoTime() + GRACE_NANOS; System.nanoTime() < end; collect()) {
                LockSupport.parkNanos(HOP_NANOS);
            }
            return passed.stream()
                    .map(byNumber::get)
                    .filter(java.util.Objects::nonNull)
                    .collect(Collectors.toSet());
        } finally {
            connecting.values().forEach(Volley::close);
            clients.forEach(Volley::close);
            connecting.clear();
            refused.clear();
            clients.clear();
            passed.clear();
        }
    }

    private void send(Map<Integer, Probe> probes, Function<Ip, Path> homes) {
        Map<Ip, List<Integer>> bySource = new HashMap<>();
        probes.forEach((number, probe) ->
                bySource.computeIfAbsent(probe.from(), _ -> new ArrayList<>()).add(number));
        bySource.forEach((from, numbers) -> {
            List<SctpPackets.Init> packets = new ArrayList<>();
            NetnsThread.run(homes.apply(from), () -> {
                for (int number : numbers) {
                    Probe probe = probes.get(number);
                    switch (probe.protocol()) {
                        case TCP -> connect(number, probe);
                        case UDP -> speak(number, probe);
                        case SCTP -> packets.add(new SctpPackets.Init(number, probe.to(), probe.port()));
                    }
                }
            });
            if (!packets.isEmpty()) {
                SctpPackets.send(homes.apply(from), from, packets);
            }
        });
    }

    private void connect(int number, Probe probe) {
        try {
            SocketChannel channel = SocketChannel.open(family(probe.to()));
            connecting.put(number, channel);
            channel.configureBlocking(false);
            channel.bind(socket(probe.from(), 0));
            channel.connect(socket(probe.to(), probe.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(probe.toString(), e);
        }
    }

    private void speak(int number, Probe probe) {
        try {
            DatagramChannel channel = DatagramChannel.open(family(probe.to()));
            clients.add(channel);
            channel.bind(socket(probe.from(), 0)).configureBlocking(false);
            channel.send(ByteBuffer.allocate(4).putInt(number).flip(), socket(probe.to(), probe.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(probe.toString(), e);
        }
    }

    private void collect() {
        connecting.forEach((number, channel) -> {
            try {
                if (!passed.contains(number) && !refused.containsKey(number) && channel.finishConnect()) {
                    passed.add(number);
                }
            } catch (IOException refusal) {
                refused.putIfAbsent(number, refusal);
            }
        });
        ByteBuffer packet = ByteBuffer.allocate(16);
        try {
            for (DatagramChannel server : servers) {
                for (SocketAddress from = server.receive(packet.clear());
                        from != null;
                        from = server.receive(packet.clear())) {
                    server.send(packet.flip(), from);
                }
            }
            for (DatagramChannel client : clients) {
                while (client.receive(packet.clear()) != null) {
                    passed.add(packet.getInt(0));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sctp.collect(passed::add);
    }

    private static InetSocketAddress socket(Ip ip, int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(ip.bytes()), port);
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
        listening.forEach(Volley::close);
        sctp.close();
    }
}
