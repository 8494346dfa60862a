package io.terway.bench.datapath;

import io.terway.bench.Command;
import io.terway.bench.Report;
import io.terway.bench.Report.Ratio;
import io.terway.bench.Report.Result;
import io.terway.bench.Unmeasurable;
import io.terway.bench.cni.PeerHost;
import io.terway.bench.cni.PluginUnderTest;
import io.terway.bench.cni.Spawner;
import io.terway.bench.datapath.Traffic.Kind;
import io.terway.bench.datapath.Traffic.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * TCP between two pods of one node and of two, by each datapath, with and without policy; plain routing and ptp take turns
 * with us.
 */
public final class DatapathBench {

    private static final String SAME = ", same node";
    private static final String ACROSS = ", across nodes";
    private static final Pattern ADDRESS = Pattern.compile("inet (\\S+)/");

    private final Path root;
    private final Consumer<String> progress;
    private final Map<String, Map<String, List<Double>>> samples = new LinkedHashMap<>();
    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private double seconds;

    /** {@code root} is the checkout; {@code progress} gets a line for each step. */
    public DatapathBench(Path root, Consumer<String> progress) {
        this.root = root;
        this.progress = progress;
    }

    /** Takes all figures; {@code quick} takes one short turn. */
    public Report run(boolean quick, String machine) throws IOException {
        seconds = quick ? 0.4 : 1;
        Path work = Files.createTempDirectory("terway-bench");
        Traffic traffic = Traffic.compile(root.resolve("k8s/bench/src/main/c/traffic.c"), work);
        progress.accept("starting a lab of two nodes");
        try (TwoNodes nodes = TwoNodes.up(root, work);
                PlainHost plain = new PlainHost();
                PeerHost peer = PeerHost.installed() ? new PeerHost() : null) {
            List<Way> same = new ArrayList<>(List.of(plain.onePair(), plain.sameNode()));
            if (peer == null) {
                notes.add("ptp was not measured: install the Debian package containernetworking-plugins");
            } else {
                same.add(ptp(peer.plugin(work), work));
            }
            notes.add("acceleration on the node: " + nodes.acceleration(root));
            int turns = quick ? 1 : 5;
            turns(
                    traffic,
                    turns,
                    "without policy",
                    with(same, nodes.sameNode()),
                    with(List.of(plain.across(), plain.routerOnly()), nodes.across()));
            progress.accept("CPU time of the agent");
            setUp(traffic, nodes);
            nodes.judge();
            turns(
                    traffic,
                    turns,
                    "with policy",
                    with(List.of(plain.sameNode()), nodes.sameNodeJudged()),
                    with(List.of(plain.across()), nodes.acrossJudged()));
        } finally {
            Command.run(List.of("rm", "-rf", work.toString()));
        }
        List<Result> results = results();
        least(results, Kind.ROUND_TRIP.metric() + SAME, 0);
        least(results, Kind.ROUND_TRIP.metric() + ACROSS, router(results));
        return new Report("datapath", machine, results, ratios(results), notes);
    }

    /** What the lab's router, which does the cloud's work too, takes more than a plain one. */
    private static double router(List<Result> results) {
        String metric = Kind.ROUND_TRIP.metric() + ACROSS;
        return min(results, metric, TwoNodes.OWN_NIC_SUBJECT) - min(results, metric, PlainHost.ROUTER_ONLY);
    }

    /** Other work on the machine only adds to round trips, so the least ones say most. */
    private void least(List<Result> results, String metric, double spared) {
        double plain = min(results, metric, PlainHost.SUBJECT);
        String all = results.stream()
                .filter(r -> r.metric().equals(metric) && r.subject().startsWith("veth"))
                .map(r -> "%s %.2f".formatted(r.subject(), (r.min() - spared) / plain))
                .collect(Collectors.joining("; "));
        notes.add("least " + metric + " in those of plain veth routing"
                + (spared == 0 ? "" : ", without %.1f us of the lab's router".formatted(spared)) + ": " + all);
    }

    private static double min(List<Result> results, String metric, String subject) {
        return results.stream()
                .filter(r -> r.metric().equals(metric) && r.subject().equals(subject))
                .mapToDouble(Result::min)
                .findFirst()
                .orElseThrow();
    }

    private static List<Way> with(List<Way> peers, List<Way> ours) {
        return Stream.concat(peers.stream(), ours.stream()).toList();
    }

    private void turns(Traffic traffic, int turns, String what, List<Way> same, List<Way> across) {
        for (int turn = 1; turn <= turns; turn++) {
            progress.accept(what + ", turn " + turn + " of " + turns);
            for (Kind kind : List.of(Kind.ROUND_TRIP, Kind.ONE_WAY, Kind.CONNECTION)) {
                same.forEach(way -> record(traffic, way, kind, SAME));
                across.forEach(way -> record(traffic, way, kind, ACROSS));
            }
        }
    }

    private void record(Traffic traffic, Way way, Kind kind, String where) {
        String metric = kind.metric() + where;
        kinds.put(metric, kind);
        samples.computeIfAbsent(metric, _ -> new LinkedHashMap<>())
                .computeIfAbsent(way.subject(), _ -> new ArrayList<>())
                .addAll(traffic.run(way, kind, seconds));
    }

    /**
     * What following connections costs the agent, those that are over at once and those that get a shortcut, beside the same
     * ones with a mark that it leaves to the stack.
     */
    private void setUp(Traffic traffic, TwoNodes nodes) {
        for (Kind kind : List.of(Kind.CONNECTION, Kind.HELD)) {
            // What the JVM has not compiled yet takes many times as long.
            traffic.run(nodes.setUp().getLast(), kind, 2 * seconds + 1);
            for (Way way : nodes.setUp()) {
                double before = nodes.agent().cpu();
                int numbers = traffic.run(way, kind, 2 * seconds + 1).size();
                String metric = "CPU of the agent, " + kind.metric();
                kinds.put(metric, kind);
                samples.computeIfAbsent(metric, _ -> new LinkedHashMap<>())
                        .put(
                                way.subject(),
                                List.of(1e6 * (nodes.agent().cpu() - before) / (numbers * kind.connections())));
            }
        }
    }

    /** Two pods by the ptp plugin. */
    private static Way ptp(PluginUnderTest plugin, Path work) {
        List<String> pods = List.of("ptp-1", "ptp-2");
        plugin.place().netns("add", pods);
        Spawner.compile(Path.of(System.getProperty("bench.root")).resolve("k8s/bench/src/main/c/spawn.c"), work)
                .run(plugin, "ADD", pods, 1);
        Matcher address =
                ADDRESS.matcher(plugin.place().require("ip", "-n", "ptp-1", "-4", "-o", "addr", "show", "eth0"));
        if (!address.find()) {
            throw new Unmeasurable("ptp gave its pod no address");
        }
        return new Way("ptp", plugin.place(), "/run/netns/ptp-1", "/run/netns/ptp-2", address.group(1), 7000);
    }

    private List<Result> results() {
        List<Result> out = new ArrayList<>();
        samples.forEach((metric, bySubject) -> bySubject.forEach((subject, all) ->
                out.add(Result.of(subject, metric, kinds.get(metric).unit(), all))));
        return out;
    }

    private static List<Ratio> ratios(List<Result> all) {
        return all.stream()
                .filter(r -> !r.subject().equals(PlainHost.SUBJECT))
                .flatMap(r -> all.stream()
                        .filter(p -> p.subject().equals(PlainHost.SUBJECT)
                                && p.metric().equals(r.metric()))
                        .map(p -> Ratio.of(r, p)))
                .toList();
    }
}
