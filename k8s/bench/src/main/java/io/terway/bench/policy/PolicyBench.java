package io.terway.bench.policy;

import io.terway.bench.Command;
import io.terway.bench.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Compiles 10,000 policies for 100,000 pods on one core within 1 GiB, and changes one thing at a time; then enforces 10,000
 * rules on a node, changes them, and sends traffic through them.
 */
public final class PolicyBench {

    private static final int NAMESPACES = 1_000;
    private static final int ROUNDS = 5;

    /** Changes of 100 elements, changes of each larger kind, pairs of rounds of traffic. */
    private static final List<String> MANY = List.of("300", "20", "21");

    private static final List<String> FEW = List.of("60", "5", "7");

    private final Consumer<String> progress;

    /**
     * @param progress told what is being done
     */
    public PolicyBench(Consumer<String> progress) {
        this.progress = progress;
    }

    /** Runs it; quick means a tenth of the cluster, and fewer repetitions on the node. */
    public Report run(boolean quick, String machine) {
        List<String> notes = new ArrayList<>(List.of(load("before")));
        List<Report.Result> results = new ArrayList<>(compile(quick, notes));
        if (Command.run(List.of("id", "-u")).out().strip().equals("0")) {
            results.addAll(enforce(quick, notes));
        } else {
            notes.add("enforcing was not measured: it needs root");
        }
        notes.add(load("after"));
        return new Report("policy", machine, results, List.of(), notes);
    }

    private List<Report.Result> compile(boolean quick, List<String> notes) {
        int namespaces = quick ? NAMESPACES / 10 : NAMESPACES;
        int pods = namespaces * LargeCluster.PODS_PER_NAMESPACE;
        int policies = namespaces * LargeCluster.POLICIES_PER_NAMESPACE;
        String subject = policies + " policies x " + pods + " pods";
        progress.accept("compiling " + subject + " on one core, heap 1 GiB");
        Map<String, List<Double>> samples = samples(words(namespaces));
        samples.entrySet().removeIf(entry -> {
            boolean note = !CompileMain.metrics().contains(entry.getKey());
            if (note) {
                notes.add(entry.getKey().replace('_', ' ') + ": "
                        + entry.getValue().getFirst().longValue());
            }
            return note;
        });
        notes.add(
                "compile: from records to what every node is told; the max is the first one, in a cold process. cpu: of the"
                        + " compiling thread, which other work on the machine does not change");
        notes.add("pod address and policy port ms: one change, until each node that is concerned has its difference");
        return results(subject, samples);
    }

    private List<Report.Result> enforce(boolean quick, List<String> notes) {
        progress.accept("enforcing 10,000 rules over 100,000 elements on a node");
        List<String> words = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                EnforceMain.class.getName()));
        words.addAll(quick ? FEW : MANY);
        notes.add("cold start, change ms: from the message to the agent until it acknowledges that the kernel has it");
        notes.add(
                "ratios: both ends under policy over no table at all, in turns of rounds; connections are tracked in both, as"
                        + " kube-proxy needs it, and the node has the routing rules of 110 pods. unbound: the table that every node"
                        + " has, no policy about these pods, over no table; added: policy over unbound. setup: opening a connection"
                        + " that the last of so many rules accepts, on both sides; transfer: one thread does both ends; stream and"
                        + " throughput (bytes a second, budget 0.99): a thread for each end, which wants an idle machine. cpu: of the"
                        + " thread that does all of it, of the sender in a stream, which other work on the machine hardly changes");
        return results("10000 rules, 100000 elements", samples(words));
    }

    /** Numbers by metric, from lines of both. */
    private static Map<String, List<Double>> samples(List<String> words) {
        Map<String, List<Double>> samples = new TreeMap<>();
        for (String line : Command.require(words).lines().toList()) {
            String[] parts = line.split(" ");
            samples.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(Double.parseDouble(parts[1]));
        }
        return samples;
    }

    private static List<Report.Result> results(String subject, Map<String, List<Double>> samples) {
        List<Report.Result> results = new ArrayList<>();
        samples.forEach((metric, values) -> {
            String unit = metric.endsWith("_ms") ? "ms" : metric.endsWith("_us") ? "us" : "x";
            results.add(Report.Result.of(subject, metric, unit, values));
        });
        return results;
    }

    private static String load(String when) {
        try {
            return "load " + when + ": "
                    + Files.readString(Path.of("/proc/loadavg")).strip();
        } catch (IOException e) {
            return "load " + when + ": unknown";
        }
    }

    private static List<String> words(int namespaces) {
        List<String> words = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/taskset"))) {
            words.addAll(List.of("/usr/bin/taskset", "-c", "0"));
        }
        words.addAll(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CompileMain.class.getName(),
                String.valueOf(namespaces),
                String.valueOf(ROUNDS)));
        return words;
    }
}
