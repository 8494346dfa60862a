package io.terway.bench.service;

import io.terway.bench.Report;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The budgets of ipam-service as a process, its agents on the same cores. */
public final class ServiceBench {

    private static final int PODS_PER_NODE = 20;
    private static final int PER_ENI = 30;
    private static final int RESYNC = 2_000;
    private static final int BUSY_NODES = 64;
    private static final double LOAD = 0.7;
    private static final Duration TAKE_OVER = Duration.ofMinutes(2);

    private final Path root;
    private final Consumer<String> progress;
    private final List<Report.Result> results = new ArrayList<>();

    public ServiceBench(Path root, Consumer<String> progress) {
        this.root = root;
        this.progress = progress;
    }

    public List<Report.Result> run(boolean quick) {
        try {
            Path directory = Files.createTempDirectory("terway-bench");
            var certificates = Optional.of(Certificates.make(directory));
            cluster(directory, certificates, quick ? RESYNC : 5_000, quick ? 800 : 2_000);
            plaintext(directory, quick ? 800 : 2_000);
            exact(directory, certificates);
            return results;
        } catch (IOException e) {
            throw new Unmeasurable("no directory for the run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unmeasurable("interrupted");
        }
    }

    private void cluster(Path directory, Optional<Certificates> certificates, int nodes, int each)
            throws InterruptedException {
        String subject = nodes + " nodes, " + nodes * PODS_PER_NODE + " pods";
        try (var api = new ModelApi(new Objects(nodes, PODS_PER_NODE, "{}"));
                var cloud = new ModelCloud(certificates, nodes, 8, PER_ENI, true, 1_000_000);
                var leader = ServiceProcess.start(root, directory.resolve("a"), api, cloud.port(), certificates);
                var fleet = new Fleet(certificates, nodes, PODS_PER_NODE, PER_ENI)) {
            progress.accept("the service reads " + subject);
            leader.awaitReady();
            progress.accept(nodes + " agents connect");
            add(subject, "connect", "s", fleet.connect(nodes, leader.port(), 1));
            add(subject, "heap", "MiB after a collection", leader.heapMiB());
            pairs(BUSY_NODES + " nodes at once", fleet, leader, each);
            add(subject, "heap, after pairs", "MiB after a collection", leader.heapMiB());
            add(subject, "RSS at most", "MiB", leader.residentMiB());
            try (var standby = ServiceProcess.start(root, directory.resolve("b"), api, cloud.port(), certificates)) {
                progress.accept("the leader is killed before " + RESYNC + " agents");
                standby.awaitReady();
                takeOver(api, leader, standby, fleet);
            }
        }
    }

    /** What the same pairs cost without TLS; callers show their tokens all the same. */
    private void plaintext(Path directory, int each) throws InterruptedException {
        Optional<Certificates> none = Optional.empty();
        try (var api = new ModelApi(new Objects(BUSY_NODES, PODS_PER_NODE, "{}"));
                var cloud = new ModelCloud(none, BUSY_NODES, 8, PER_ENI, true, 1_000_000);
                var leader = ServiceProcess.start(root, directory.resolve("d"), api, cloud.port(), none);
                var fleet = new Fleet(none, BUSY_NODES, PODS_PER_NODE, PER_ENI)) {
            leader.awaitReady();
            fleet.connect(BUSY_NODES, leader.port(), 1);
            pairs("without TLS, " + BUSY_NODES + " nodes", fleet, leader, each);
        }
    }

    private void pairs(String subject, Fleet fleet, ServiceProcess leader, int each) throws InterruptedException {
        progress.accept("allocate and release, unary");
        List<Double> rates = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            Duration before = leader.cpu();
            Fleet.Pairs pairs = fleet.pairs(BUSY_NODES, each, 0);
            if (round > 0) { // the first one compiles
                rates.add(pairs.perSecond());
                cpu.add(leader.cpu().minus(before).toNanos() / 1e3 / (BUSY_NODES * each));
            }
        }
        results.add(Report.Result.of(subject, "pairs", "pairs/s, client on the same cores", rates));
        results.add(Report.Result.of(subject, "CPU of the service", "us per pair", cpu));
        int rate = (int) (rates.stream().sorted().toList().get(rates.size() / 2) * LOAD);
        Fleet.Pairs paced = fleet.pairs(BUSY_NODES, each, rate);
        results.add(
                Report.Result.of(subject + " at " + rate + "/s", "Allocate", "ms, from its due time", paced.millis()));
    }

    private void takeOver(ModelApi api, ServiceProcess leader, ServiceProcess standby, Fleet fleet)
            throws InterruptedException {
        String name = "127.0.0.1:" + standby.port();
        long killed = System.nanoTime();
        leader.kill();
        while (!api.leader().equals(Optional.of(name))) {
            if (System.nanoTime() - killed > TAKE_OVER.toNanos()) {
                throw new Unmeasurable("the standby does not take over; the Lease is " + api.leader());
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        add("the standby", "takes the Lease", "s after kill -9", (System.nanoTime() - killed) / 1e9);
        add(RESYNC + " sessions", "resync", "s after that", fleet.connect(RESYNC, standby.port(), 1));
        Fleet.Pairs after = fleet.pairs(BUSY_NODES, 10, 0);
        results.add(Report.Result.of("the new leader", "Allocate", "ms", after.millis()));
    }

    /** 50 nodes of 200 addresses, nothing ahead of need, exactly 10,000 addresses in the vSwitch. */
    private void exact(Path directory, Optional<Certificates> certificates) throws InterruptedException {
        String nothingAhead =
                "{\"min_pool_size\":0,\"max_pool_size\":0,\"ip_warmup\":{\"enable\":false,\"predict\":false}}";
        try (var api = new ModelApi(new Objects(50, 0, nothingAhead));
                var cloud = new ModelCloud(certificates, 50, 11, 20, false, 10_000);
                var leader = ServiceProcess.start(root, directory.resolve("c"), api, cloud.port(), certificates);
                var fleet = new Fleet(certificates, 50, 0, 0)) {
            leader.awaitReady();
            fleet.connect(50, leader.port(), 1);
            progress.accept("10,000 requesters for exactly 10,000 addresses");
            add("10,000 of 10,000", "all served in", "s", fleet.exact(50, 10_000));
            String refusal = fleet.oneMore(10_000);
            double refused = refusal.contains("V_SWITCH_EXHAUSTED") ? 1 : 0; // 0 costs nobody the other figures
            add("the 10,001st", "refused for want of an address", "of 1", refused);
            progress.accept("the 10,001st is told: " + refusal.replaceAll("\\s+", " "));
        }
    }

    private void add(String subject, String metric, String unit, double value) {
        results.add(Report.Result.of(subject, metric, unit, List.of(value)));
    }
}
