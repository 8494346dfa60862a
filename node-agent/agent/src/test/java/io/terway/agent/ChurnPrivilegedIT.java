package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cycles of ADD and DEL by several runtimes at once while the packaged agent is killed at random moments: afterwards there
 * is nothing left of any pod. 10,000 cycles with {@code -Dtest.scale=100}.
 */
class ChurnPrivilegedIT {

    private static final int CYCLES = 100 * Integer.getInteger("test.scale", 1);
    private static final int RUNTIMES = 4;

    /** Kills are this many cycles apart, on average. */
    private static final int CYCLES_PER_KILL = 60;

    @TempDir
    static Path directory;

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger connected = new AtomicInteger();
    private NodeLab lab;

    @Test
    void killsAtAnyMomentLeaveNothingBehind() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        try (NodeLab node = new NodeLab(directory, 1)) {
            lab = node;
            Set<String> filesBefore = files();
            churn();
            lab.await("an empty spool", () -> spooled() == 0);
            System.out.printf("%d cycles, %d ADDs answered%n", CYCLES, connected.get());
            assertTrue(connected.get() > CYCLES * 3 / 5, "most cycles must connect a pod");
            assertNothingLeft();
            assertEquals(filesBefore, files());
        }
    }

    private void churn() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> runtimes = new ArrayList<>();
            for (int i = 0; i < RUNTIMES; i++) {
                int runtime = i;
                runtimes.add(threads.submit(() -> {
                    live(runtime);
                    return null;
                }));
            }
            kill(new Random(42));
            for (Future<?> runtime : runtimes) {
                runtime.get();
            }
        }
    }

    private void live(int runtime) throws Exception {
        Random random = new Random(runtime);
        for (int cycle = begun.getAndIncrement(); cycle < CYCLES; cycle = begun.getAndIncrement()) {
            String pod = "p" + (runtime * 20 + cycle % 20);
            lab.pod(pod);
            String container = "c" + cycle;
            boolean patient = random.nextInt(4) > 0; // kubelet tries again; a pod may also be deleted before that
            if (patient) {
                lab.await("ADD of " + container, () -> isAdded(container, pod));
            }
            if (!patient || random.nextInt(4) == 0) { // a runtime that restarts asks again
                isAdded(container, pod);
            }
            boolean namespaceFirst = random.nextBoolean();
            if (namespaceFirst) {
                lab.podGone(pod);
            }
            lab.await(
                    "DEL of " + container,
                    () -> lab.plugin("DEL", container, pod, "1.1.0", "").exit() == 0);
            if (!namespaceFirst) {
                lab.podGone(pod);
            }
        }
    }

    private boolean isAdded(String container, String pod) {
        boolean added = lab.plugin("ADD", container, pod, "1.1.0", "").exit() == 0;
        if (added) {
            connected.incrementAndGet();
        }
        return added;
    }

    private void kill(Random random) throws Exception {
        for (int next = random.nextInt(CYCLES_PER_KILL);
                next < CYCLES;
                next += 1 + random.nextInt(2 * CYCLES_PER_KILL)) {
            int at = next;
            lab.await("cycle " + at, 1800, () -> begun.get() > at);
            lab.killAgent();
            lab.startAgent();
        }
    }

    private void assertNothingLeft() throws InterruptedException {
        lab.await(
                "no link of a pod",
                () -> lines("ip -o link").stream().allMatch(l -> l.contains(": lo") || l.contains(": eth1")));
        assertEquals(
                List.of(),
                lines("ip -4 rule").stream()
                        .filter(r -> !r.matches("(0|32766|32767):.*"))
                        .toList());
        assertEquals(
                List.of(),
                lines("ip -6 rule").stream()
                        .filter(r -> !r.matches("(0|32766|32767):.*"))
                        .toList());
        assertEquals(
                List.of(),
                lines("ip -4 route show table all").stream()
                        .filter(r -> r.contains("10.0.64.") && !r.contains("dev eth1"))
                        .toList());
        assertEquals(
                List.of(),
                lines("ip neigh").stream().filter(n -> n.contains("cali")).toList());
        String rules = lab.in("node", "nft list ruleset").output();
        assertTrue(!rules.contains("10.0.64."), rules);
        String shown = lab.metrics();
        assertTrue(shown.contains("terway_ip_pool_allocated{node=\"node-1\"} 0.0"), shown);
    }

    private List<String> lines(String command) {
        return lab.in("node", command)
                .output()
                .lines()
                .map(String::strip)
                .filter(l -> !l.isEmpty())
                .toList();
    }

    private int spooled() {
        String[] names = lab.path("state/spool").toFile().list();
        return names == null ? 0 : names.length;
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(lab.path("state"))) {
            return all.map(p -> lab.path("state").relativize(p).toString()).collect(Collectors.toSet());
        }
    }
}
