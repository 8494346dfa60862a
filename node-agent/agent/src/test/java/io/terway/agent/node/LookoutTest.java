package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Mac;
import io.terway.node.ledger.BootTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How often and for how long ADDs ask a metadata service that is slow, or stuck. */
class LookoutTest {

    private static final int ADDS = 40;
    private static final int LISTS = 4;
    private static final Duration LONG = Duration.ofMinutes(5);

    private static final EniId FIRST = new EniId("eni-a");
    private static final EniId SECOND = new EniId("eni-b");
    private static final Map<EniId, Mac> ENIS =
            Map.of(FIRST, Mac.parse("00:16:3e:00:00:0a"), SECOND, Mac.parse("00:16:3e:00:00:0b"));

    private final AtomicReference<Duration> now = new AtomicReference<>(Duration.ofSeconds(20));
    private final AtomicInteger asked = new AtomicInteger();

    private BootTime clock() {
        return new BootTime("boot-2", now.get());
    }

    private void pass(Duration time) {
        now.updateAndGet(time::plus);
    }

    private static Optional<String> answer(String path) {
        return path.endsWith("private-ipv4s") ? Optional.of("[\"10.0.64.2\"]") : Optional.empty();
    }

    /** A service that needs a second of the model's time for each answer. */
    private Optional<String> slow(String path) {
        asked.incrementAndGet();
        pass(Duration.ofSeconds(1));
        return answer(path);
    }

    private List<Sight> together(Lookout lookout, Runnable begun) throws Exception {
        try (ExecutorService adds = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch come = new CountDownLatch(ADDS);
            List<Future<Sight>> seen = new ArrayList<>();
            for (int i = 0; i < ADDS; i++) {
                seen.add(adds.submit(() -> {
                    come.countDown();
                    return lookout.look(ENIS);
                }));
            }
            come.await();
            begun.run();
            List<Sight> out = new ArrayList<>();
            for (Future<Sight> one : seen) {
                out.add(one.get());
            }
            return out;
        }
    }

    @Test
    void addsThatComeTogetherShareOneLook() throws Exception {
        Semaphore answers = new Semaphore(0);
        Lookout lookout = new Lookout(
                this::clock,
                path -> {
                    answers.acquireUninterruptibly();
                    return slow(path);
                },
                LONG);

        List<Sight> seen = together(lookout, () -> answers.release(ENIS.size() * LISTS));

        assertEquals(ENIS.size() * LISTS, asked.get());
        assertTrue(seen.stream().allMatch(one -> one.equals(seen.getFirst())), "the same result for all");
        assertEquals(
                List.of(Cidr.parse("10.0.64.2/32")), seen.getFirst().listed().get(FIRST));
        assertTrue(seen.getFirst().knows(SECOND));
    }

    /** Else each ADD of a queue would begin anew with what the one before it has just found. */
    @Test
    void aLookIsValidFromItsEndHoweverLongItTook() {
        Lookout lookout = new Lookout(this::clock, this::slow, LONG);

        lookout.look(ENIS);
        lookout.look(ENIS);
        assertEquals(ENIS.size() * LISTS, asked.get(), "it took 8 s and is fresh");

        pass(Duration.ofSeconds(1));
        lookout.look(ENIS);
        assertEquals(2 * ENIS.size() * LISTS, asked.get());
    }

    @Test
    void nobodyWaitsForAnAnswerThatNeverComes() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Lookout lookout = new Lookout(
                this::clock,
                path -> {
                    asked.incrementAndGet();
                    if (path.contains("0b/")) {
                        awaitWhateverHappens(never);
                    }
                    return answer(path);
                },
                Duration.ofSeconds(2)); // plenty for the ENI that answers, on a loaded machine too

        List<Sight> seen = together(lookout, () -> {}); // returns: the service is still stuck

        assertTrue(seen.stream().allMatch(one -> one.knows(FIRST)), "what came in time is used");
        assertFalse(seen.stream().anyMatch(one -> one.knows(SECOND)));
        int before = asked.get();
        pass(Duration.ofSeconds(9));
        lookout.look(ENIS);
        assertEquals(before, asked.get(), "a stuck service is left alone for a while");
        never.countDown();
    }

    private static void awaitWhateverHappens(CountDownLatch never) {
        while (never.getCount() > 0) {
            try {
                never.await();
            } catch (InterruptedException _) { // a call that does not hear of its end
            }
        }
    }

    @Test
    void aLookThatFailedIsTriedAgain() {
        Lookout lookout = new Lookout(
                this::clock,
                path -> {
                    if (asked.getAndIncrement() < ENIS.size()) {
                        throw new IOException("Connection refused");
                    }
                    return answer(path);
                },
                LONG);

        assertFalse(lookout.look(ENIS).knows(FIRST));
        pass(Duration.ofSeconds(10));
        assertTrue(lookout.look(ENIS).knows(FIRST));
    }
}
