package io.terway.e2e.policy;

import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.policy.Generated;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The network of generated clusters: two nodes, the world between them, and a namespace for each pod with a link to both
 * nodes. Where an address lives is a matter of routes, so that one cluster follows another without new links.
 */
final class TwoNodes implements AutoCloseable {

    static final int NODES = 2;

    /** Lives in the world: an address that is no pod's and no node's at the moment. */
    static final int NOWHERE = 0;

    private static final String QUIET =
            "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.all.accept_dad=0"
                    + " net.ipv6.conf.default.accept_dad=0 net.ipv4.ip_nonlocal_bind=1 net.ipv6.ip_nonlocal_bind=1;"
                    + " ip link set lo up;";
    private static final String ROUTER = " sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1;";

    private static final long HOP_NANOS = 10_000_000;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Lab lab = Lab.open();
    private final List<Path> pods = new ArrayList<>();

    /** The world, then the nodes. */
    private final List<Path> homes = new ArrayList<>();

    TwoNodes() {
        homes.add(lab.netns("world"));
        script(homes.getFirst(), QUIET + ROUTER + "ip addr add 8.8.8.8/32 dev lo; ip addr add 2001:db8::1/128 dev lo");
        for (int i = 0; i < Generated.PODS; i++) {
            pods.add(lab.netns("pod" + i));
            script(pods.get(i), QUIET);
        }
        for (int n = 1; n <= NODES; n++) {
            homes.add(lab.netns("node" + n));
            node(n, homes.get(n));
        }
    }

    private void node(int n, Path node) {
        script(node, QUIET + ROUTER);
        script(
                homes.getFirst(),
                ("ip link add node%1$d type veth peer name eth0 netns %2$s; ip link set node%1$d up;"
                                + " ip addr add 10.255.0.1/32 dev node%1$d; ip addr add fe80::1/64 dev node%1$d nodad;"
                                + " ip route add 10.0.0.%1$d dev node%1$d; ip route add fd00::%1$d dev node%1$d")
                        .formatted(n, node));
        StringBuilder links = new StringBuilder(("ip link set eth0 up; ip addr add 10.0.0.%1$d/32 dev eth0;"
                        + " ip addr add fd00::%1$d/128 dev eth0 nodad; ip addr add fe80::2/64 dev eth0 nodad;"
                        + " ip route add default via 10.255.0.1 dev eth0 src 10.0.0.%1$d onlink;"
                        + " ip -6 route add default via fe80::1 dev eth0 src fd00::%1$d;")
                .formatted(n));
        for (int i = 0; i < pods.size(); i++) {
            links.append((" ip link add cali%1$d type veth peer name eth%2$d netns %3$s; ip link set cali%1$d up;"
                            + " ip addr add 169.254.1.1/32 dev cali%1$d; ip addr add fe80::1/64 dev cali%1$d nodad;")
                    .formatted(i, n, pods.get(i)));
        }
        script(node, links.toString());
        for (int i = 0; i < pods.size(); i++) {
            script(
                    pods.get(i),
                    ("ip link set eth%1$d up; ip addr add 10.0.1.%2$d/32 dev eth%1$d;"
                                    + " ip addr add fd00::1:%2$d/128 dev eth%1$d nodad")
                            .formatted(n, i));
        }
    }

    Path node(int n) {
        return homes.get(n);
    }

    Path pod(int index) {
        return pods.get(index);
    }

    /** Every namespace that can hold addresses, with those that it may ever hold. */
    Map<Path, List<Ip>> namespaces() {
        Map<Path, List<Ip>> out = new LinkedHashMap<>();
        List<Ip> world = new ArrayList<>(List.of(Ip.parse("8.8.8.8"), Ip.parse("2001:db8::1")));
        for (int i = 0; i < pods.size(); i++) {
            List<Ip> own = List.of(four(i), six(i));
            out.put(pods.get(i), own);
            world.addAll(own);
        }
        for (int n = 1; n <= NODES; n++) {
            out.put(homes.get(n), List.of(Ip.parse("10.0.0." + n), Ip.parse("fd00::" + n)));
        }
        out.put(homes.getFirst(), world);
        return out;
    }

    static Ip four(int pod) {
        return Ip.parse("10.0.1." + pod);
    }

    static Ip six(int pod) {
        return Ip.parse("fd00::1:" + pod);
    }

    /** @param home of each pod address: the number of a node, or {@link #NOWHERE} */
    void settle(Map<Ip, Integer> home) {
        StringBuilder world = new StringBuilder();
        StringBuilder[] nodes = {world, new StringBuilder(), new StringBuilder()};
        for (int i = 0; i < pods.size(); i++) {
            for (Ip ip : List.of(four(i), six(i))) {
                int at = home.getOrDefault(ip, NOWHERE);
                String via = ip.family() == Family.IPV4 ? "10.0.0." + at : "fe80::2";
                world.append(
                        at == NOWHERE
                                ? "route del %s\naddr replace %s dev lo\n".formatted(ip, ip)
                                : "addr del %s dev lo\nroute replace %s via %s dev node%d onlink\n"
                                        .formatted(ip, ip, via, at));
                for (int n = 1; n <= NODES; n++) {
                    nodes[n].append("route %s %s dev cali%d\n".formatted(at == n ? "replace" : "del", ip, i));
                }
            }
            int at = Math.max(home.getOrDefault(four(i), NOWHERE), home.getOrDefault(six(i), NOWHERE));
            if (at != NOWHERE) {
                script(
                        pods.get(i),
                        "ip route replace default via 169.254.1.1 dev eth%1$d onlink; ip -6 route flush default; ip -6 route add default via fe80::1 dev eth%1$d"
                                .formatted(at));
            }
        }
        for (int n = 0; n <= NODES; n++) {
            // What is not there cannot be deleted, and that is well.
            script(homes.get(n), "ip -force -batch - >/dev/null 2>&1 <<EOF || true\n" + nodes[n] + "EOF\n");
        }
    }

    /** Each node speaks to each of its pods once, so that it tracks a connection of every one. */
    void greet(Map<Ip, Integer> home) {
        for (int n = 1; n <= NODES; n++) {
            List<Ip> own = at(n, home);
            NetnsThread.run(homes.get(n), () -> {
                try (DatagramChannel channel = DatagramChannel.open()) {
                    for (Ip ip : own) {
                        channel.send(
                                ByteBuffer.allocate(1), new InetSocketAddress(InetAddress.getByAddress(ip.bytes()), 9));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Waits until no node tracks a connection of pods that left: what ends them comes a little later. */
    void awaitForgotten(Map<Ip, Integer> left) {
        for (int n = 1; n <= NODES; n++) {
            List<Ip> gone = at(n, left);
            long until = System.nanoTime() + PATIENCE_NANOS;
            while (connections(n).stream()
                    .anyMatch(entry -> gone.contains(entry.from()) || gone.contains(entry.translated()))) {
                if (System.nanoTime() > until) {
                    throw new AssertionError("node " + n + " still tracks connections of " + gone);
                }
                LockSupport.parkNanos(HOP_NANOS);
            }
        }
    }

    private static List<Ip> at(int node, Map<Ip, Integer> home) {
        return home.keySet().stream().filter(ip -> home.get(ip) == node).toList();
    }

    /** Makes every node forget its connections. */
    void forgetConnections() {
        for (int n = 1; n <= NODES; n++) {
            List<ConntrackEntry> all = connections(n);
            NetnsThread.run(homes.get(n), () -> {
                try (Conntrack conntrack = Conntrack.open()) {
                    conntrack.delete(all);
                }
            });
        }
    }

    private List<ConntrackEntry> connections(int n) {
        List<ConntrackEntry> all = new ArrayList<>();
        NetnsThread.run(homes.get(n), () -> {
            try (Conntrack conntrack = Conntrack.open()) {
                conntrack.forEach(all::add);
            }
        });
        return all;
    }

    private static void script(Path netns, String script) {
        String output = Lab.output(netns, "sh", "-ec", script + "\necho done-well");
        if (!output.endsWith("done-well\n")) {
            throw new AssertionError(script + ":\n" + output);
        }
    }

    @Override
    public void close() {
        lab.close();
    }
}
