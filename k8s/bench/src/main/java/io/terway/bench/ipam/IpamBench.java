package io.terway.bench.ipam;

import io.terway.bench.Report;
import io.terway.bench.Unmeasurable;
import io.terway.ipam.Binding;
import io.terway.ipam.Holder;
import io.terway.ipam.InstanceLimits;
import io.terway.ipam.Ledger;
import io.terway.ipam.RequestId;
import io.terway.net.SandboxKey;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** How many requests one loop takes, what a cluster costs in memory, and how long a new leader needs for all ledgers. */
public final class IpamBench {

    private static final InstanceLimits LARGE = new InstanceLimits(8, 30, 0);
    private static final Map<String, Object> PLAIN = Map.of("ip_warmup", Map.of("predict", false));
    private static final Map<String, Object> NOTHING_AHEAD =
            Map.of("min_pool_size", 0, "max_pool_size", 0, "ip_warmup", Map.of("enable", false, "predict", false));

    private final Consumer<String> progress;

    public IpamBench(Consumer<String> progress) {
        this.progress = progress;
    }

    public Report run(boolean quick, String machine) {
        List<Report.Result> results = new ArrayList<>();
        int pairs = quick ? 100_000 : 400_000;
        for (int nodes : new int[] {100, 5_000}) {
            progress.accept("allocate, bind and release on " + nodes + " nodes");
            results.add(pairs(nodes, pairs, quick ? 4 : 8));
        }
        progress.accept("10,000 requests for exactly 10,000 addresses");
        results.add(exact());
        progress.accept("5,000 nodes with 100,000 pods, and a new leader's resync");
        results.addAll(cluster(5_000, 20));
        return new Report(
                "ipam",
                machine,
                results,
                List.of(),
                List.of(
                        "times are CPU of the one thread that steps the loop; other work on the machine does not count",
                        "the core alone: gRPC, TLS and the watches of the service around it are not in these figures"));
    }

    private static Report.Result pairs(int nodes, int pairs, int rounds) {
        RequestId[] requests = new RequestId[pairs];
        SandboxKey[] sandboxes = new SandboxKey[pairs];
        Holder[] holders = new Holder[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            requests[pair] = LoopUnderTest.request(pair);
            sandboxes[pair] = LoopUnderTest.sandbox(pair);
            holders[pair] = LoopUnderTest.holder(pair);
        }
        List<Double> perSecond = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            var loop = new LoopUnderTest(1, LARGE, nodes * 100, PLAIN);
            for (int node = 0; node < nodes; node++) {
                loop.join(node, Ledger.EMPTY);
            }
            long start = cpuNanos();
            for (int pair = 0; pair < pairs; pair++) {
                int node = pair % nodes;
                require(
                        loop.allocate(node, requests[pair], sandboxes[pair], holders[pair]),
                        "a warm node has no address");
                loop.release(node, loop.bind(node, sandboxes[pair], holders[pair]));
            }
            if (round > 0) { // the first one compiles
                perSecond.add(pairs * 1e3 / (cpuNanos() - start) * 1e6);
            }
        }
        return Report.Result.of("core, " + nodes + " nodes", "pairs", "pairs per CPU second", perSecond);
    }

    /** 50 nodes of 200 addresses each, nothing ahead of need: all requests succeed, with the last address of the vSwitch. */
    private static Report.Result exact() {
        var loop = new LoopUnderTest(1, new InstanceLimits(11, 20, 0), 10_000, NOTHING_AHEAD);
        for (int node = 0; node < 50; node++) {
            loop.join(node, Ledger.EMPTY);
        }
        long start = cpuNanos();
        List<Integer> left = new ArrayList<>();
        for (int pod = 0; pod < 10_000; pod++) {
            left.add(pod);
        }
        int served = 0;
        for (int attempt = 0; attempt < 50 && !left.isEmpty(); attempt++) {
            List<Integer> again = new ArrayList<>();
            for (int pod : left) {
                if (loop.allocate(
                        pod % 50, LoopUnderTest.request(pod), LoopUnderTest.sandbox(pod), LoopUnderTest.holder(pod))) {
                    loop.bind(pod % 50, LoopUnderTest.sandbox(pod), LoopUnderTest.holder(pod));
                    served++;
                } else {
                    again.add(pod);
                }
            }
            left = again;
            loop.pass(Duration.ofMillis(500)); // a rollout's demand is gathered before an ENI is ordered
        }
        require(served == 10_000, served + " of 10,000 requests got one of exactly 10,000 addresses");
        require(isRefused(loop), "the 10,001st request is not told that the vSwitch has no address left");
        return Report.Result.of("10,000 of 10,000", "all served in", "CPU ms", List.of((cpuNanos() - start) / 1e6));
    }

    /** As soon as the cloud has refused the last address, and nothing is on its way. */
    private static boolean isRefused(LoopUnderTest loop) {
        for (int attempt = 0; attempt < 20 && loop.refusal().isEmpty(); attempt++) {
            loop.allocate(
                    0, LoopUnderTest.request(10_000), LoopUnderTest.sandbox(10_000), LoopUnderTest.holder(10_000));
            loop.pass(Duration.ofMillis(500));
        }
        return loop.refusal().startsWith("V_SWITCH_EXHAUSTED");
    }

    private static List<Report.Result> cluster(int nodes, int podsPerNode) {
        double before = usedMiB();
        var loop = new LoopUnderTest(1, LARGE, nodes * 100, PLAIN);
        loop.keepsLedgers = true;
        for (int node = 0; node < nodes; node++) {
            loop.join(node, Ledger.EMPTY);
            for (int i = 0; i < podsPerNode; i++) {
                int pod = node * podsPerNode + i;
                require(
                        loop.allocate(
                                node,
                                LoopUnderTest.request(pod),
                                LoopUnderTest.sandbox(pod),
                                LoopUnderTest.holder(pod)),
                        "a warm node has no address");
                Binding bound = loop.bind(node, LoopUnderTest.sandbox(pod), LoopUnderTest.holder(pod));
                require(bound.addresses().size() == 1, "one address a pod");
            }
        }
        double heap = usedMiB() - before;
        List<Ledger> ledgers = new ArrayList<>();
        for (int node = 0; node < 2_000; node++) {
            ledgers.add(loop.ledger(node));
        }
        var successor = new LoopUnderTest(2, LARGE, nodes * 100, PLAIN);
        long start = cpuNanos();
        for (int node = 0; node < 2_000; node++) {
            successor.join(node, ledgers.get(node));
        }
        double resync = (cpuNanos() - start) / 1e6;
        require(successor.loop.sessions() == 2_000, "2,000 sessions are in sync");
        return List.of(
                Report.Result.of("5,000 nodes", "heap, 100,000 pods", "MiB, the agents' ledgers too", List.of(heap)),
                Report.Result.of("2,000 sessions", "resync", "CPU ms", List.of(resync)));
    }

    private static double usedMiB() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / 1048576.0;
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new Unmeasurable("the run is no measurement: " + what);
        }
    }
}
