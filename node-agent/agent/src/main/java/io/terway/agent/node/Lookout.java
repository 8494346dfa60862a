package io.terway.agent.node;

import io.terway.agent.loop.News;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Mac;
import io.terway.node.ledger.BootTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Asks instance metadata what ENIs have, one look at a time: who comes while a look is under way waits for its result, and no
 * longer than a look may take. ENIs are asked side by side, so that a slow service has time to tell of each. Any thread.
 */
final class Lookout {

    private static final Logger LOG = Logger.getLogger(Lookout.class);

    /** For a whole look: a service that needs a second for each answer still tells all. */
    static final Duration WITHIN = Duration.ofSeconds(5);

    /** A look ends by itself; should its thread never get to that, nobody waits for it for long. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private static final Duration SILENT = Duration.ofSeconds(10);

    private static final String INTERFACES = "network/interfaces/macs/";

    private static final List<String> LISTS = List.of("private-ipv4s", "ipv4-prefixes", "ipv6s", "ipv6-prefixes");

    private final Supplier<BootTime> clock;
    private final AfterReboot.Listing metadata;
    private final Duration within;
    private final News troubles = new News();
    private CompletableFuture<Sight> latest = CompletableFuture.completedFuture(Sight.NONE); // guarded by this

    /** @param within how long a whole look may take */
    Lookout(Supplier<BootTime> clock, AfterReboot.Listing metadata, Duration within) {
        this.clock = clock;
        this.metadata = metadata;
        this.within = within;
    }

    /** What metadata lists now, or a moment ago; of an ENI that it did not tell of in time nothing is known. */
    Sight look(Map<EniId, Mac> enis) {
        try {
            return underWay(enis).get(within.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the others still get what this look finds
            return Sight.NONE;
        } catch (TimeoutException | ExecutionException _) {
            return Sight.NONE;
        }
    }

    private synchronized CompletableFuture<Sight> underWay(Map<EniId, Mac> enis) {
        if (latest.isDone() && clock.get().sinceBoot().compareTo(latest.join().until()) >= 0) {
            CompletableFuture<Sight> begun = new CompletableFuture<>();
            latest = begun;
            Thread.ofVirtual().name("metadata-look").start(() -> {
                Sight seen = Sight.NONE;
                try {
                    seen = ask(enis);
                } catch (InterruptedException _) { // nobody does that; then the next one looks anew
                } finally {
                    begun.complete(seen);
                }
            });
        }
        return latest;
    }

    private Sight ask(Map<EniId, Mac> enis) throws InterruptedException {
        List<EniId> asked = List.copyOf(enis.keySet());
        List<Callable<List<Cidr>>> questions = new ArrayList<>();
        asked.forEach(eni -> questions.add(() -> listed(enis.get(eni))));
        ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor(); // not closed: that waits for a stuck one
        List<Future<List<Cidr>>> answers = asking.invokeAll(questions, within.toNanos(), TimeUnit.NANOSECONDS);
        asking.shutdownNow();
        Map<EniId, List<Cidr>> listed = new HashMap<>();
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            String mac = "what the ENI with MAC " + enis.get(asked.get(i)) + " has is not known: ";
            Future<List<Cidr>> answer = answers.get(i);
            switch (answer.state()) {
                case SUCCESS -> listed.put(asked.get(i), answer.resultNow());
                case FAILED -> failures.add(mac + answer.exceptionNow().getMessage());
                case CANCELLED, RUNNING ->
                    failures.add(mac + "instance metadata did not answer within " + within.toMillis() + " ms");
            }
        }
        listed.values().removeIf(List::isEmpty);
        tell(failures);
        Duration pause = failures.isEmpty() ? ASK_AGAIN : SILENT;
        return new Sight(clock.get().sinceBoot().plus(pause), listed); // a slow look is as fresh as a quick one
    }

    /** One line for a service that is silent about all. */
    private void tell(List<String> failures) {
        if (failures.isEmpty()) {
            troubles.over();
        } else if (troubles.isNew(failures.getFirst())) {
            LOG.warn(failures.getFirst() + (failures.size() > 1 ? " (and " + (failures.size() - 1) + " more)" : ""));
        }
    }

    private List<Cidr> listed(Mac mac) throws IOException {
        Stream.Builder<String> texts = Stream.builder();
        for (String list : LISTS) {
            metadata.find(INTERFACES + mac + "/" + list).ifPresent(texts);
        }
        return texts.build()
                .flatMap(list ->
                        Arrays.stream(list.replaceAll("[\\[\\]\"\\s]", "").split(",")))
                .filter(text -> !text.isEmpty())
                .map(Cidr::parse)
                .collect(Collectors.toUnmodifiableList());
    }
}
