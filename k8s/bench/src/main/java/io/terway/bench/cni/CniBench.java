package io.terway.bench.cni;

import io.terway.bench.Command;
import io.terway.bench.Report.Ratio;
import io.terway.bench.Report.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Warm ADD and DEL of the whole plugin process, one at a time and fifty at once; the peer takes turns with us, so that a
 * slow phase of the machine meets both.
 */
public final class CniBench {

    private static final int PARALLEL = 50;
    private static final int WARM = 100;
    /** Turns before the counted ones: the agent's compiler needs some hundred calls, as an agent that runs for a day has had. */
    private static final int WARM_UP_ROUNDS = 5;

    private final Path root;
    private final Consumer<String> progress;
    private final Map<String, Map<String, List<Double>>> samples = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();
    private int named;

    /** {@code root} is the checkout; {@code progress} gets a line for each step. */
    public CniBench(Path root, Consumer<String> progress) {
        this.root = root;
        this.progress = progress;
    }

    /** Results, ratios of us to the peer, and notes. */
    public record Found(List<Result> results, List<Ratio> ratios, List<String> notes) {}

    /** Takes all figures; {@code quick} takes fewer rounds. */
    public Found run(boolean quick) throws IOException {
        Path work = Files.createTempDirectory("terway-bench");
        var spawner = Spawner.compile(root.resolve("k8s/bench/src/main/c/spawn.c"), work);
        progress.accept("starting a lab of one node");
        try (var lab = LabUnderTest.up(root, work, "ecs.g7.4xlarge", WARM, 2 * WARM);
                var peer = PeerHost.installed() ? new PeerHost() : null) {
            Optional<PluginUnderTest> other = Optional.ofNullable(peer).map(p -> p.plugin(work));
            if (other.isEmpty()) {
                notes.add("ptp + host-local was not measured: install the Debian package containernetworking-plugins");
            }
            var ours = lab.plugin(root.resolve("node-agent/cni/target/terway"));
            int rounds = quick ? 2 : 6;
            lab.awaitPool(root, PARALLEL);
            lab.holdPool();
            for (int round = 1 - WARM_UP_ROUNDS; round <= rounds; round++) {
                boolean counted = round > 0;
                progress.accept(counted ? "round " + round + " of " + rounds : "warming up");
                lab.awaitPool(root, PARALLEL);
                turn(spawner, ours, lab, "one at a time", 1, 20, counted);
                other.ifPresent(p -> turn(spawner, p, lab, "one at a time", 1, 20, counted));
                lab.awaitPool(root, PARALLEL);
                turn(spawner, ours, lab, "50 at once", PARALLEL, PARALLEL, counted);
                other.ifPresent(p -> turn(spawner, p, lab, "50 at once", PARALLEL, PARALLEL, counted));
            }
            List<Result> results = results();
            return new Found(results, ratios(results), notes);
        } finally {
            Command.run(List.of("rm", "-rf", work.toString()));
        }
    }

    private void turn(
            Spawner spawner,
            PluginUnderTest plugin,
            LabUnderTest lab,
            String how,
            int concurrency,
            int count,
            boolean counted) {
        List<String> pods =
                IntStream.range(0, count).mapToObj(_ -> "bench-" + named++).toList();
        boolean ours = plugin.name().equals(LabUnderTest.SUBJECT);
        if (ours) {
            lab.createPods(pods);
        }
        plugin.place().netns("add", pods);
        record(plugin, "ADD, " + how, spawner.run(plugin, "ADD", pods, concurrency), counted);
        if (ours && concurrency == 1) {
            lab.stages(pods).forEach((stage, millis) -> record(plugin, "ADD stage " + stage, millis, counted));
        }
        record(plugin, "DEL, " + how, spawner.run(plugin, "DEL", pods, concurrency), counted);
        plugin.place().netns("del", pods);
    }

    private void record(PluginUnderTest plugin, String metric, List<Double> millis, boolean counted) {
        if (counted) {
            samples.computeIfAbsent(metric, _ -> new TreeMap<>())
                    .computeIfAbsent(plugin.name(), _ -> new ArrayList<>())
                    .addAll(millis);
        }
    }

    private List<Result> results() {
        List<Result> out = new ArrayList<>();
        samples.forEach((metric, bySubject) ->
                bySubject.forEach((subject, millis) -> out.add(Result.of(subject, metric, "ms", millis))));
        return out;
    }

    private static List<Ratio> ratios(List<Result> all) {
        List<Ratio> out = new ArrayList<>();
        for (Result ours : all) {
            all.stream()
                    .filter(other -> ours.subject().equals(LabUnderTest.SUBJECT)
                            && !other.subject().equals(LabUnderTest.SUBJECT)
                            && other.metric().equals(ours.metric()))
                    .forEach(other -> out.add(Ratio.of(ours, other)));
        }
        return out;
    }
}
