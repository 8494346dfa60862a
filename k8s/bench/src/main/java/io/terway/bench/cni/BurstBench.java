package io.terway.bench.cni;

import io.terway.bench.Command;
import io.terway.bench.Report;
import io.terway.bench.Report.Result;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * 110 pods at once on a node without a single address of theirs, with the latencies people see at the real cloud: how long
 * until the last ADD is answered, and how many changes the cloud was asked for. Every ADD must succeed at the first try.
 */
public final class BurstBench {

    private static final int PODS = 110;
    /** Milliseconds that clients of the real cloud budget for; the cloud itself documents none. */
    private static final int ATTACH = 3_000;
    /** Milliseconds until instance metadata shows an attached ENI. */
    private static final int VISIBLE = 1_000;

    /** Reads are free of quota; what changes the cloud is what its rate limits are about. */
    private static final List<String> READS = List.of("Describe", "List", "Get");

    /** An idle node gives its last ENI back in a few sweeps. */
    private static final long COLD_WAIT_SECONDS = 180;

    private final Path root;
    private final Consumer<String> progress;
    private final Map<String, List<Double>> samples = new TreeMap<>();

    /** {@code root} is the checkout; {@code progress} gets a line for each step. */
    public BurstBench(Path root, Consumer<String> progress) {
        this.root = root;
        this.progress = progress;
    }

    /** Takes all figures; {@code quick} takes one burst instead of three. */
    public Report run(boolean quick, String machine) throws IOException {
        Path work = Files.createTempDirectory("terway-bench");
        var spawner = Spawner.compile(root.resolve("k8s/bench/src/main/c/spawn.c"), work);
        progress.accept("starting a lab of one node without warm addresses");
        try (var lab = LabUnderTest.up(root, work, "ecs.g7.4xlarge", 0, 0)) {
            lab.latencies("""
                    {"attach": %d, "detach": 3000, "delete": 1000, "addressing": 200, "metadata": %d}
                    """.formatted(ATTACH, VISIBLE));
            var plugin = lab.plugin(root.resolve("node-agent/cni/target/terway"));
            int rounds = quick ? 1 : 3;
            for (int round = 1; round <= rounds; round++) {
                awaitCold(lab);
                progress.accept("burst " + round + " of " + rounds);
                burst(lab, plugin, spawner, round);
            }
        } finally {
            Command.run(List.of("rm", "-rf", work.toString()));
        }
        List<Result> results = new ArrayList<>();
        samples.forEach((metric, values) -> results.add(
                Result.of(LabUnderTest.SUBJECT, metric, metric.startsWith("cloud") ? "calls/pod" : "ms", values)));
        return new Report("burst", machine, results, List.of(), notes());
    }

    private void burst(LabUnderTest lab, PluginUnderTest plugin, Spawner spawner, int round) {
        List<String> pods = IntStream.range(0, PODS)
                .mapToObj(i -> "burst-" + round + "-" + i)
                .toList();
        plugin.place().netns("add", pods);
        Map<String, Long> before = lab.cloudCalls();
        long start = System.nanoTime();
        lab.createPods(pods);
        progress.accept("pods created in " + (System.nanoTime() - start) / 1_000_000 + " ms");
        List<Double> millis = spawner.run(plugin, "ADD", pods, PODS);
        double wall = (System.nanoTime() - start) / 1e6;
        Map<String, Long> after = lab.cloudCalls();
        take("110 ADDs, each", millis);
        take("110 ADDs, from pod objects to the last answer", List.of(wall));
        take("cloud changes", List.of((double) changes(before, after) / PODS));
        progress.accept("calls: " + difference(before, after));
        spawner.run(plugin, "DEL", pods, PODS);
        plugin.place().netns("del", pods);
        lab.deletePods(pods);
    }

    private void take(String metric, List<Double> values) {
        samples.computeIfAbsent(metric, _ -> new ArrayList<>()).addAll(values);
    }

    private static long changes(Map<String, Long> before, Map<String, Long> after) {
        return difference(before, after).entrySet().stream()
                .filter(call -> READS.stream().noneMatch(call.getKey()::startsWith))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> out = new TreeMap<>(after);
        before.forEach((action, count) -> out.merge(action, -count, Long::sum));
        out.values().removeIf(count -> count == 0);
        return out;
    }

    private void awaitCold(LabUnderTest lab) {
        Path cli = root.resolve("node-agent/cli/target/terway-cli");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(COLD_WAIT_SECONDS);
        int enis;
        while ((enis = lab.enis(cli)) > 0) {
            if (System.nanoTime() > deadline) {
                throw new Unmeasurable(
                        "the node still has " + enis + " ENIs for pods after " + COLD_WAIT_SECONDS + " s without any");
            }
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
    }

    private static List<String> notes() {
        return List.of(
                "the simulated cloud takes %d ms to attach an ENI and %d ms to show it in instance metadata"
                        .formatted(ATTACH, VISIBLE),
                "budget: no failure, 1.5 x (create, attach, visible) + 2 s = %.0f ms; 0.08 changes of the cloud a pod"
                        .formatted(1.5 * (ATTACH + VISIBLE) + 2_000));
    }
}
