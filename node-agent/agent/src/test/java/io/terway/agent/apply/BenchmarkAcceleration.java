package io.terway.agent.apply;

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
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * TCP between two pods of one node, through the stack and past it, taking turns: {@code BenchmarkAcceleration [turns]}.
 * Microseconds for a byte there and back, MB/s one way. Needs root.
 */
final class BenchmarkAcceleration {

    private static final int ROUNDS = 2000;
    private static final int CHUNK = 128 * 1024;
    private static final int CHUNKS = 1000;

    private final Map<String, List<Double>> figures = new HashMap<>();

    /** A connection whose server echoes single bytes, then swallows what comes. */
    private record Pair(Socket client, Socket server) {

        static Pair open(Path from, Path to, Ip at) {
            try (ServerSocket listening = NetnsThread.call(to, () -> listen(at))) {
                Socket client = NetnsThread.call(from, () -> connect(at, listening.getLocalPort()));
                Socket server = listening.accept();
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                return new Pair(client, server);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static ServerSocket listen(Ip at) {
            try {
                return new ServerSocket(0, 1, InetAddress.getByAddress(at.bytes()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Socket connect(Ip to, int port) {
            try {
                return new Socket(InetAddress.getByAddress(to.bytes()), port);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void serve(long bytes, boolean echo) {
            try {
                InputStream in = server.getInputStream();
                OutputStream out = server.getOutputStream();
                byte[] buffer = new byte[CHUNK];
                for (long left = bytes; left > 0; ) {
                    int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                    left -= read;
                    if (echo || left == 0) {
                        out.write(1);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        double micros() throws Exception {
            Thread echo = Thread.ofPlatform().start(() -> serve(ROUNDS, true));
            long start = System.nanoTime();
            for (int i = 0; i < ROUNDS; i++) {
                client.getOutputStream().write(1);
                client.getInputStream().read();
            }
            echo.join();
            return (System.nanoTime() - start) / 1e3 / ROUNDS;
        }

        double megabytes() throws Exception {
            long bytes = (long) CHUNK * CHUNKS;
            Thread sink = Thread.ofPlatform().start(() -> serve(bytes, false));
            byte[] chunk = new byte[CHUNK];
            long start = System.nanoTime();
            for (int i = 0; i < CHUNKS; i++) {
                client.getOutputStream().write(chunk);
            }
            client.getInputStream().read();
            sink.join();
            return bytes / 1e6 / ((System.nanoTime() - start) / 1e9);
        }
    }

    public static void main(String[] args) throws Exception {
        new BenchmarkAcceleration().run(args.length > 0 ? Integer.parseInt(args[0]) : 10);
    }

    private void run(int turns) throws Exception {
        try (OneNode node = new OneNode();
                DatapathApplier applier = DatapathApplier.open(node.host)) {
            Map<Ip, Binding> holders = new HashMap<>();
            PodAttachment a = plumb(node, applier, holders, "a", 11);
            PodAttachment b = plumb(node, applier, holders, "b", 12);
            Lab.output(
                    node.host,
                    "nft",
                    "table inet judge { chain post { type filter hook postrouting priority 90; ct state established accept; }; }");
            Ip to = b.addresses().getFirst();
            Pair stack = Pair.open(a.netns(), b.netns(), to); // older than the subscription: never shortened
            try (Acceleration acceleration = Acceleration.start(node.host, ip -> Optional.ofNullable(holders.get(ip)))
                    .orElseThrow()) {
                Pair shortcut = Pair.open(a.netns(), b.netns(), to);
                while (acceleration.size() != 1) {
                    LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
                }
                for (int i = -2; i < turns; i++) {
                    turn("stack", stack, i >= 0);
                    turn("shortcut", shortcut, i >= 0);
                }
            }
        }
        figures.forEach((what, all) -> {
            List<Double> sorted = all.stream().sorted().toList();
            System.out.printf(
                    "%-24s min %.1f  median %.1f  max %.1f%n",
                    what, sorted.getFirst(), sorted.get(sorted.size() / 2), sorted.getLast());
        });
    }

    private void turn(String name, Pair pair, boolean counted) throws Exception {
        double micros = pair.micros();
        double megabytes = pair.megabytes();
        if (counted) {
            figures.computeIfAbsent(name + ", us", _ -> new ArrayList<>()).add(micros);
            figures.computeIfAbsent(name + ", MB/s", _ -> new ArrayList<>()).add(megabytes);
        }
    }

    private static PodAttachment plumb(
            OneNode node, DatapathApplier applier, Map<Ip, Binding> holders, String name, int n) {
        PodAttachment pod = node.pod(name, n);
        applier.add(pod);
        List<HeldAddress> held = pod.addresses().stream()
                .map(ip -> new HeldAddress(ip, new EniId("eni-test")))
                .toList();
        BootTime now = new BootTime("boot", Duration.ofSeconds(1));
        Binding binding =
                new Binding(pod.key(), new PodLife(pod.pod(), "uid-" + name), pod.netns(), held, false, now, 1);
        pod.addresses().forEach(ip -> holders.put(ip, binding));
        return pod;
    }
}
