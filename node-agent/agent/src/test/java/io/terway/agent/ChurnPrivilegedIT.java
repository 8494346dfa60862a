package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final String ECHO = "p99";
    private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([0-9.]+)/32\"");

    /** Kills are this many cycles apart, on average. */
    private static final int CYCLES_PER_KILL = 60;

    @TempDir
    static Path directory;

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger visits = new AtomicInteger();
    private int kills;
    private NodeLab lab;
    private String echo;

    @Test
    void killsAtAnyMomentLeaveNothingBehind() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        try (NodeLab node = new NodeLab(directory, new NodeLab.Options(1, "dual", true))) {
            lab = node;
            connectsAndGoes("first"); // what the first pod of a node makes stays: tables of the ENI, empty files
            Map<String, List<String>> before = NodeTraces.of(lab);
            lab.pod(ECHO);
            echo = address(lab.plugin("ADD", ECHO, ECHO, "1.1.0", ""));
            try (EchoPod _ = new EchoPod(lab.netns(ECHO))) {
                churn();
            }
            assertEquals(0, lab.plugin("DEL", ECHO, ECHO, "1.1.0", "").exit());
            lab.podGone(ECHO);
            System.out.printf(
                    "%d cycles, %d ADDs answered, %d pods had connections, agent killed %d times%n",
                    CYCLES, connected.get(), visits.get(), kills);
            assertTrue(connected.get() > CYCLES * 3 / 5, "most cycles must connect a pod");
            assertTrue(visits.get() > CYCLES / 20, "some must have connections");
            lab.await("an empty spool", () -> spooled() == 0);
            assertNothingLeft(before);
        }
    }

    private void connectsAndGoes(String container) throws InterruptedException {
        lab.pod("p0");
        lab.plugin("ADD", container, "p0", "1.1.0", "");
        assertEquals(0, lab.plugin("DEL", container, "p0", "1.1.0", "").exit());
        lab.podGone("p0");
        lab.await(
                "no link of a pod",
                () -> lab.in("node", "ip -o link").output().lines().count() == 2);
    }

    private static String address(NodeLab.Outcome added) {
        Matcher matcher = ADDRESS.matcher(added.output());
        assertTrue(added.exit() == 0 && matcher.find(), added.output());
        return matcher.group(1);
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
            if (patient && random.nextInt(4) == 0 && EchoPod.answers(echo, lab.netns(pod))) {
                visits.incrementAndGet();
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
            kills++;
        }
    }

    /** The kernel takes links and namespaces down behind our backs, so it is given a moment. */
    private void assertNothingLeft(Map<String, List<String>> before) throws Exception {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30); System.nanoTime() < end; ) {
            if (NodeTraces.of(lab).equals(before)) {
                break;
            }
        }
        assertEquals(before, NodeTraces.of(lab));
        String shown = lab.metrics();
        assertTrue(shown.contains("terway_ip_pool_allocated{node=\"node-1\"} 0.0"), shown);
    }

    private int spooled() {
        String[] names = lab.path("state/spool").toFile().list();
        return names == null ? 0 : names.length;
    }
}
