package io.terway.eni.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Action;
import io.terway.eni.ClusterTags;
import io.terway.eni.EniStatus;
import io.terway.eni.NetworkInterface;
import io.terway.eni.Tuning;
import io.terway.eni.state.MemoryState;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A thousand seeded runs of the real cloud side against an ill cloud, on virtual time, with processes that die and leaders
 * that change. What must hold is asked of the cloud itself and of the customers' books.
 */
final class FaultSimulation {

    private static final int RUNS =
            (int) Math.max(1, 1_000 * Double.parseDouble(System.getProperty("test.scale", "1")));

    private static final Duration ILL = Duration.ofSeconds(90);
    private static final Duration MINUTE = Duration.ofSeconds(60);

    /** A leader's lease ends, and a standby takes over. */
    private static final Duration TAKE_OVER = Duration.ofSeconds(16);

    /** Kept for the test's life, so that its level stays. */
    private static final Logger NOISE = Logger.getLogger("io.terway.eni");

    @BeforeAll
    static void quiet() {
        NOISE.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        NOISE.setLevel(null);
    }

    @Test
    void nothingLeaksAndNothingIsDoubledWhateverTheCloudDoes() {
        for (int seed = 0; seed < RUNS; seed++) {
            try {
                new Run(seed).play();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class Run {
        private final VirtualTime clock;
        private final ModelCloud cloud;
        private final MemoryState state = new MemoryState();
        private final List<Customer> customers = new ArrayList<>();
        private final Random random;
        private final VirtualTime.Process world;
        private SimulatedProcess leader;
        private long term = 1;

        Run(int seed) {
            clock = new VirtualTime(seed);
            random = clock.random();
            ModelCloud.Illness[] all = ModelCloud.Illness.values();
            cloud = new ModelCloud(clock, all[seed % all.length]);
            world = clock.new Process();
            leader = new SimulatedProcess(clock, cloud, state, term);
            for (int i = 0; i < 2; i++) {
                customers.add(new Customer("i-" + i, world, () -> leader, random));
            }
        }

        void play() {
            customers.forEach(Customer::start);
            clock.run(Duration.ofSeconds(20), () -> false);
            cloud.faultsUntil = clock.now() + ILL.toNanos();
            for (long left = ILL.toSeconds(); left > 0; left -= 30) {
                clock.run(Duration.ofSeconds(30), () -> false);
                changeLeader();
                check();
            }
            clock.run(Duration.ofNanos(Math.max(0, cloud.faultsUntil - clock.now())), () -> false);
            customers.forEach(Customer::stop);
            recover();
            settle();
        }

        private void changeLeader() {
            switch (random.nextInt(4)) {
                case 0 -> {
                    leader.kill();
                    clock.run(TAKE_OVER, () -> false);
                    succeed();
                }
                case 1 -> {
                    leader.resign();
                    clock.run(Duration.ofSeconds(10), () -> leader.side().running() == 0);
                    succeed();
                }
                default -> {}
            }
        }

        private void succeed() {
            leader = new SimulatedProcess(clock, cloud, state, ++term);
        }

        /** Within a minute of the last fault a new order is served in full, and the books of the service are true. */
        private void recover() {
            Customer probe = new Customer("i-probe", world, () -> leader, random);
            boolean[] done = new boolean[1];
            world.start("probe", () -> {
                probe.order();
                probe.books.keySet().stream().findFirst().ifPresent(probe::assign);
                done[0] = true;
            });
            clock.run(MINUTE, () -> done[0]);
            assertTrue(done[0] && !probe.books.isEmpty(), "a probe was not served within a minute of the last fault");
            customers.add(probe);
        }

        /** Everybody comes to an end, leaks are collected, and then everything must add up. */
        private void settle() {
            clock.run(Duration.ofMinutes(15), () -> false);
            check();
            assertTrue(customers.stream().limit(2).allMatch(customer -> customer.idle), "a customer still waits");
            Map<EniId, Set<Ip>> told = new HashMap<>();
            customers.forEach(customer -> told.putAll(customer.books));
            for (NetworkInterface eni : cloud.truth()) {
                assertEquals(EniStatus.IN_USE, eni.status(), eni.id() + " leaked: " + eni);
                NetworkInterface known = leader.side()
                        .inventory()
                        .find(eni.id())
                        .orElseThrow(() -> new AssertionError(eni.id() + " is in use and nobody knows of it"));
                assertEquals(Set.copyOf(eni.addresses()), Set.copyOf(known.addresses()), "addresses of " + eni.id());
                assertTrue(
                        eni.addresses().containsAll(told.getOrDefault(eni.id(), Set.of())),
                        "somebody was promised what " + eni.id() + " does not have: " + told.get(eni.id()));
                assertTrue(
                        customers.stream().allMatch(customer -> customer.accountsFor(eni.id(), eni.addresses())),
                        "an operation added more than it was asked for to " + eni.id() + ": " + eni.addresses());
                told.remove(eni.id());
            }
            assertEquals(Map.of(), told, "ENIs that somebody was promised are gone");
        }

        /** What holds at every moment. */
        private void check() {
            Map<Ip, EniId> owners = new HashMap<>();
            Map<String, EniId> makers = new HashMap<>();
            for (NetworkInterface eni : cloud.truth()) {
                for (Ip ip : eni.addresses()) {
                    assertEquals(null, owners.put(ip, eni.id()), ip + " is on two ENIs");
                }
                if (eni.status() == EniStatus.DELETING) {
                    continue;
                }
                EniId other = makers.put(eni.tags().get(ClusterTags.OPERATION), eni.id());
                assertEquals(null, other, "one operation made " + other + " and " + eni.id());
            }
            Map<Ip, EniId> promised = new HashMap<>();
            customers.forEach(customer -> customer.books.forEach((eni, ips) ->
                    ips.forEach(ip -> assertEquals(null, promised.put(ip, eni), ip + " was promised on two ENIs"))));
            cloud.calls.forEach(this::withinBudget);
        }

        /** No minute with more calls than the action's rate and one burst allow. */
        private void withinBudget(Action action, List<Long> at) {
            int allowed = action.callsPerMinute() + Tuning.DEFAULTS.rates().burst();
            for (int i = allowed; i < at.size(); i++) {
                assertTrue(
                        at.get(i) - at.get(i - allowed) >= MINUTE.toNanos() * 9 / 10,
                        action.apiName() + " was called " + allowed + " times within a minute");
            }
        }
    }
}
