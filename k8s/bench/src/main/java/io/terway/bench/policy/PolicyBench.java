package io.terway.bench.policy;

import io.terway.bench.Command;
import io.terway.bench.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Compiles 10,000 policies for 100,000 pods on one core within 1 GiB, and changes one thing at a time. */
public final class PolicyBench {

    private static final int NAMESPACES = 1_000;
    private static final int ROUNDS = 5;

    private final Consumer<String> progress;

    /**
     * @param progress told what is being done
     */
    public PolicyBench(Consumer<String> progress) {
        this.progress = progress;
    }

    /** Runs it; quick means a tenth of the cluster. */
    public Report run(boolean quick, String machine) {
        int namespaces = quick ? NAMESPACES / 10 : NAMESPACES;
        int pods = namespaces * LargeCluster.PODS_PER_NAMESPACE;
        int policies = namespaces * LargeCluster.POLICIES_PER_NAMESPACE;
        String subject = policies + " policies x " + pods + " pods";
        progress.accept("compiling " + subject + " on one core, heap 1 GiB");
        Map<String, List<Double>> samples = new TreeMap<>();
        List<String> notes = new ArrayList<>();
        for (String line : Command.require(words(namespaces)).lines().toList()) {
            String[] parts = line.split(" ");
            if (CompileMain.metrics().containsKey(parts[0])) {
                samples.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(Double.parseDouble(parts[1]));
            } else {
                notes.add(parts[0].replace('_', ' ') + ": " + parts[1]);
            }
        }
        notes.add(
                "compile: from records to what every node is told; the max is the first one, in a cold process. cpu: of the"
                        + " compiling thread, which other work on the machine does not change");
        notes.add("pod address and policy port ms: one change, until each node that is concerned has its difference");
        List<Report.Result> results = new ArrayList<>();
        samples.forEach((metric, values) -> results.add(Report.Result.of(subject, metric, "ms", values)));
        return new Report("policy", machine, results, List.of(), notes);
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
