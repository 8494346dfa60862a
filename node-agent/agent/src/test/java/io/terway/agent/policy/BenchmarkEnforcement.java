package io.terway.agent.policy;

import io.terway.linux.netns.NetnsThread;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Action;
import io.terway.node.policy.DenialLog;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Hold;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PeerMatch;
import io.terway.node.policy.PodPolicy;
import io.terway.node.policy.PolicyProgram;
import io.terway.node.policy.PolicySet;
import io.terway.node.policy.PolicyTable;
import io.terway.node.policy.PortSpan;
import io.terway.node.policy.ProgramRule;
import io.terway.node.policy.TablePlace;
import io.terway.node.policy.TablePlanner;
import io.terway.node.policy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A node with 10,000 rules over 100,000 set elements: its cold start, changes of 100 elements, and what opening a
 * connection costs with and without a program of {@code rules per pod}. {@code BenchmarkEnforcement [changes]}. Needs root.
 */
final class BenchmarkEnforcement {

    private static final int PROGRAMS = 100;
    private static final int RULES = 100;
    private static final int SETS = 500;
    private static final int ELEMENTS = 200;
    static final int CONNECTIONS = 2_000;
    private static final int PAIRS = 15;

    private final Random random = new Random(1);

    public static void main(String[] args) throws IOException {
        int changes = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        try (PacketLab lab = new PacketLab(2);
                NftKernel kernel = new NftKernel(lab.node)) {
            new BenchmarkEnforcement().run(lab, kernel, changes);
        }
    }

    private void run(PacketLab lab, NftKernel kernel, int changes) throws IOException {
        NodePolicy policy = policy();
        PolicyTable writer = new PolicyTable(DenialLog.SILENT, TablePlace.NODE);
        long start = System.nanoTime();
        NftTable observed = apply(kernel, writer, policy, NftTable.ABSENT);
        System.out.printf("cold start %.0f ms%n", (System.nanoTime() - start) / 1e6);
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < changes; i++) {
            policy = changed(policy);
            start = System.nanoTime();
            observed = apply(kernel, writer, policy, observed);
            took.add(System.nanoTime() - start);
        }
        print("change of 100 elements", took);
        connections(lab, kernel, observed);
    }

    private static NftTable apply(NftKernel kernel, PolicyTable writer, NodePolicy policy, NftTable observed) {
        NftTable wanted = writer.of(policy);
        TablePlanner.plan(wanted, observed).forEach(kernel::apply);
        return wanted;
    }

    /** Pairs of rounds, with the table and without, so that the machine's moods hit both. */
    private void connections(PacketLab lab, NftKernel kernel, NftTable full) throws IOException {
        Ip client = Ip.parse("10.0.0.1");
        Ip server = Ip.parse("10.0.0.2");
        PolicyTable writer = new PolicyTable(DenialLog.SILENT, TablePlace.NODE);
        for (int rules : new int[] {1, 10, 100}) {
            NodePolicy policy = between(client, server, rules);
            NftTable now = full;
            List<Double> ratios = new ArrayList<>();
            try (ServerSocketChannel listener = NetnsThread.call(lab.namespace(server), () -> listen(server))) {
                for (int pair = 0; pair < PAIRS; pair++) {
                    now = apply(kernel, writer, policy, now);
                    double with = connect(lab, client, server, listener);
                    now = apply(kernel, writer, NodePolicy.NONE, now);
                    ratios.add(with / connect(lab, client, server, listener));
                }
            }
            full = now;
            Collections.sort(ratios);
            System.out.printf(
                    "connection set-up with a program of %d rules: %.3f x without%n", rules, ratios.get(PAIRS / 2));
        }
    }

    static double connect(PacketLab lab, Ip client, Ip server, ServerSocketChannel listener) {
        return NetnsThread.call(lab.namespace(client), () -> {
            long start = System.nanoTime();
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    SocketChannel.open(PacketLab.socket(server, 80)).close();
                    listener.accept().close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return (double) (System.nanoTime() - start);
        });
    }

    static ServerSocketChannel listen(Ip server) {
        try {
            return ServerSocketChannel.open().bind(PacketLab.socket(server, 80), 64);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last rule is the one that accepts. */
    private NodePolicy between(Ip client, Ip server, int rules) {
        Map<String, PolicySet> sets = new HashMap<>();
        List<ProgramRule> all = new ArrayList<>();
        for (int i = 0; i < rules; i++) {
            String id = "c" + i;
            sets.put(
                    id,
                    new PolicySet.Addresses(
                            id,
                            i == rules - 1
                                    ? Set.of(client)
                                    : Set.of(Ip.parse("11.0.0.1").plus(i))));
            all.add(rule(id, i, 80));
        }
        PolicyProgram program =
                new PolicyProgram("d1", Direction.INGRESS, List.of(), true, all, List.of(), List.of("ns/p"));
        return new NodePolicy(sets, Map.of("d1", program), List.of(pod("server", server, "d1")));
    }

    private NodePolicy policy() {
        Map<String, PolicySet> sets = new HashMap<>();
        for (int i = 0; i < SETS; i++) {
            Set<Ip> elements = new HashSet<>();
            while (elements.size() < ELEMENTS) {
                elements.add(Ip.ofIpv4(0x0a000000 + random.nextInt(1 << 22)));
            }
            sets.put("a" + i, new PolicySet.Addresses("a" + i, elements));
        }
        Map<String, PolicyProgram> programs = new HashMap<>();
        List<PodPolicy> pods = new ArrayList<>();
        for (int i = 0; i < PROGRAMS; i++) {
            List<ProgramRule> rules = new ArrayList<>();
            for (int r = 0; r < RULES; r++) {
                rules.add(rule("a" + random.nextInt(SETS), r, 80 + r % 20));
            }
            programs.put(
                    "b" + i,
                    new PolicyProgram("b" + i, Direction.INGRESS, List.of(), true, rules, List.of(), List.of("ns/p")));
            pods.add(pod("pod-" + i, Ip.parse("10.9.0.0").plus(i), "b" + i));
        }
        return new NodePolicy(sets, programs, pods);
    }

    private NodePolicy changed(NodePolicy policy) {
        String id = "a" + random.nextInt(SETS);
        PolicySet.Addresses set = (PolicySet.Addresses) policy.sets().get(id);
        Set<Ip> removed = new HashSet<>(List.copyOf(set.addresses()).subList(0, 50));
        Set<Ip> added = new HashSet<>();
        while (added.size() < 50) {
            added.add(Ip.ofIpv4(0x0b000000 + random.nextInt(1 << 22)));
        }
        Map<String, PolicySet> sets = new HashMap<>(policy.sets());
        sets.put(id, set.with(added, removed));
        return new NodePolicy(sets, policy.programs(), policy.pods());
    }

    private static ProgramRule rule(String set, int index, int port) {
        List<PortSpan> ports =
                List.of(new PortSpan(Transport.TCP, port, port), new PortSpan(Transport.UDP, port, port));
        return new ProgramRule(
                "ns/p", index, Action.ACCEPT, false, List.of(PeerMatch.in(set)), false, ports, List.of());
    }

    private static PodPolicy pod(String name, Ip ip, String program) {
        return new PodPolicy(
                new PodLife(new PodRef("ns", name), name), List.of(ip), new Hold.ByProgram(program), new Hold.Free());
    }

    private static void print(String what, List<Long> nanos) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        System.out.printf(
                "%s: p50 %.1f ms, p99 %.1f ms, n %d%n",
                what,
                sorted.get(sorted.size() / 2) / 1e6,
                sorted.get(Math.min(sorted.size() - 1, sorted.size() * 99 / 100)) / 1e6,
                sorted.size());
    }
}
