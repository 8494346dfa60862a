package io.terway.bench.agent;

import io.terway.bench.Command;
import io.terway.bench.Place;
import io.terway.bench.Report;
import io.terway.bench.Report.Result;
import io.terway.bench.cni.LabUnderTest;
import io.terway.bench.cni.PluginUnderTest;
import io.terway.bench.cni.Spawner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How long after its process began the agent answers its first ADD and calls itself ready, killed and started again with
 * 110 pods on the node; the CPU time that takes, which other work on the machine does not change; and what it takes of the
 * node's memory. The JVM's and, where one is built, the native one.
 */
public final class AgentBench {

    private static final int PODS = 110;

    /** Free while the agent is started again and again. */
    private static final int SPARE = 12;

    private static final String ARCHIVE = "k8s/lab/target/boot/node-agent.jar.aot";

    private final Path root;
    private final Consumer<String> progress;
    private final Map<String, Map<String, List<Double>>> samples = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private int named;

    /** {@code root} is the checkout; {@code progress} gets a line for each step. */
    public AgentBench(Path root, Consumer<String> progress) {
        this.root = root;
        this.progress = progress;
    }

    /** Takes all figures; {@code quick} starts it three times instead of ten. */
    public Report run(boolean quick, String machine) throws IOException {
        boolean archived = Files.exists(root.resolve(ARCHIVE));
        if (!archived) {
            notes.add("without the class archive that images have: k8s/lab/lab train makes one, in about a minute");
        }
        measure(archived ? "JVM, class archive" : "JVM", quick ? 3 : 10);
        if (nativeBuilt()) {
            measure("native", quick ? 3 : 10, "--native");
        } else {
            notes.add("no native agent is built here (./mvnw -Dnative, GRAALVM_HOME): the JVM only");
        }
        List<Result> results = new ArrayList<>();
        samples.forEach((metric, bySubject) -> bySubject.forEach((subject, all) ->
                results.add(Result.of(subject, metric, metric.startsWith("RSS") ? "MiB" : "ms", all))));
        return new Report("agent", machine, results, List.of(), notes);
    }

    private boolean nativeBuilt() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("node-agent/agent/target"))) {
            return files.anyMatch(f -> f.toString().endsWith("-runner") && Files.isExecutable(f));
        }
    }

    private void measure(String subject, int starts, String... options) throws IOException {
        Path work = Files.createTempDirectory("terway-bench");
        Spawner spawner = Spawner.compile(root.resolve("k8s/bench/src/main/c/spawn.c"), work);
        progress.accept(subject + ": starting a lab of one node");
        try (LabUnderTest node = LabUnderTest.up(root, work, "ecs.g7.4xlarge", PODS + SPARE, 2 * PODS, options)) {
            record("RSS, no pods", subject, agent(node).resident());
            node.awaitPool(root, PODS + SPARE);
            node.holdPool();
            PluginUnderTest plugin = node.plugin(root.resolve("node-agent/cni/target/terway"));
            progress.accept(subject + ": " + PODS + " pods");
            add(node, plugin, spawner, PODS);
            record("RSS, 110 pods", subject, agent(node).resident());
            for (int i = 1; i <= starts; i++) {
                progress.accept(subject + ": start " + i + " of " + starts);
                start(node, plugin, work, subject);
            }
        } finally {
            Command.run(List.of("rm", "-rf", work.toString()));
        }
    }

    private void add(LabUnderTest node, PluginUnderTest plugin, Spawner spawner, int count) {
        List<String> pods =
                IntStream.range(0, count).mapToObj(_ -> "agent-" + named++).toList();
        node.createPods(pods);
        plugin.place().netns("add", pods);
        spawner.run(plugin, "ADD", pods, 10);
    }

    /** One restart: everything is asked of it before its process begins, again and again. */
    private void start(LabUnderTest node, PluginUnderTest plugin, Path work, String subject) throws IOException {
        String pod = "agent-" + named++;
        node.createPods(List.of(pod));
        plugin.place().netns("add", List.of(pod));
        node.lab().require("kill", agent(node).component());
        Path first = work.resolve("first-" + pod);
        Path ready = work.resolve("ready-" + pod);
        String metrics = node.lab()
                .json("env", "--json")
                .path("agents")
                .path(LabUnderTest.NODE)
                .path("metrics")
                .asText();
        Place place = plugin.place();
        String health = metrics.replaceAll("/[^/:]*$", "/health/ready");
        try (Waiting _ = Waiting.until(place, plugin.shell("ADD", pod), first);
                Waiting _ = Waiting.until(place, "curl -sf -o /dev/null " + health, ready)) {
            node.lab().require("start", agent(node).component());
            double began = agent(node).started();
            record("start to first ADD", subject, 1000 * (Waiting.ended(first) - began));
            record("start to Ready", subject, 1000 * (Waiting.ended(ready) - began));
        }
        record("CPU of a start", subject, 1000 * agent(node).cpu());
        record("RSS, 110 pods, after a start", subject, agent(node).resident());
    }

    private static AgentProcess agent(LabUnderTest node) {
        return new AgentProcess(node.lab(), LabUnderTest.NODE);
    }

    private void record(String metric, String subject, double value) {
        samples.computeIfAbsent(metric, _ -> new LinkedHashMap<>())
                .computeIfAbsent(subject, _ -> new ArrayList<>())
                .add(value);
    }
}
