package io.terway.agent.apply;

import io.terway.node.datapath.PodAttachment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Warm ADD, repeated ADD, CHECK and DEL of pods, one at a time: {@code BenchmarkDatapath [pods [warm-up rounds [dual|ipv4]]]}. Needs root. */
final class BenchmarkDatapath {

    private static final int WARM_UP = 30;

    private final List<Long> add = new ArrayList<>();
    private final List<Long> again = new ArrayList<>();
    private final List<Long> check = new ArrayList<>();
    private final List<Long> del = new ArrayList<>();
    private final List<Stages> stages = new ArrayList<>();

    private final boolean dual;

    private BenchmarkDatapath(boolean dual) {
        this.dual = dual;
    }

    public static void main(String[] args) {
        int pods = args.length > 0 ? Integer.parseInt(args[0]) : 110;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
        boolean dual = args.length < 3 || args[2].equals("dual");
        new BenchmarkDatapath(dual).run(pods, rounds);
    }

    private void run(int pods, int rounds) {
        long opening = System.nanoTime();
        try (OneNode node = new OneNode();
                DatapathApplier applier = DatapathApplier.open(node.host)) {
            System.out.printf("open %.1f ms%n", (System.nanoTime() - opening) / 1e6);
            for (int i = 0; i < rounds; i++) {
                round(node, applier, WARM_UP, 0, "warm" + i + "x");
            }
            awaitReaper(node);
            System.out.printf("first add %.1f ms, second %.1f ms%n", add.get(0) / 1e6, add.get(1) / 1e6);
            List.of(add, again, check, del).forEach(List::clear);
            stages.clear();
            round(node, applier, pods, WARM_UP, "pod");
        }
        print("add", add);
        print("add again", again);
        print("check", check);
        print("del", del);
        print(
                "observe",
                stages.stream().map(Stages::observe).map(Duration::toNanos).toList());
        print("host", stages.stream().map(Stages::host).map(Duration::toNanos).toList());
        print("pod", stages.stream().map(Stages::pod).map(Duration::toNanos).toList());
    }

    private void round(OneNode node, DatapathApplier applier, int count, int from, String name) {
        List<PodAttachment> pods = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pods.add(families(node.pod(name + i, 10 + from + i)));
        }
        for (PodAttachment pod : pods) {
            time(add, () -> stages.add(((AddResult.Plumbed) applier.add(pod)).stages()));
        }
        pods.forEach(pod -> time(again, () -> applier.add(pod)));
        pods.forEach(pod -> time(check, () -> applier.check(pod)));
        pods.forEach(pod -> time(del, () -> applier.del(pod.key(), pod.pod(), pod.netns(), pod.addresses())));
    }

    private PodAttachment families(PodAttachment pod) {
        return dual
                ? pod
                : new PodAttachment(
                        pod.key(),
                        pod.pod(),
                        pod.netns(),
                        pod.addresses().subList(0, 1),
                        pod.connection(),
                        pod.mtu(),
                        pod.reach());
    }

    /** Deletions hold the lock that additions need; here one at a time is measured. */
    private static void awaitReaper(OneNode node) {
        while (!node.leftovers().isEmpty()) {
            LockSupport.parkNanos(50_000_000L);
        }
    }

    private static void time(List<Long> into, Runnable task) {
        long start = System.nanoTime();
        task.run();
        into.add(System.nanoTime() - start);
    }

    private static void print(String what, List<Long> nanos) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        System.out.printf(
                "%-10s n=%d p50 %.2f ms p90 %.2f ms max %.2f ms%n",
                what,
                sorted.size(),
                sorted.get(sorted.size() / 2) / 1e6,
                sorted.get(sorted.size() * 9 / 10) / 1e6,
                sorted.getLast() / 1e6);
    }
}
