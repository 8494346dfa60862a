package io.terway.agent.denial;

import io.terway.agent.loop.LoopGuard;
import io.terway.net.Ip;
import io.terway.node.denial.Counted;
import io.terway.node.denial.Denial;
import io.terway.node.denial.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Gathers what is denied, twice a second, and tells whoever listens. Nobody is asked for names, and nothing is kept, while
 * nobody does.
 */
public final class DenialFeed implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(DenialFeed.class);

    /** Soon enough for a person, rare enough for a retried connection to be one line. */
    private static final Duration EVERY = Duration.ofMillis(500);

    /** Denials that may wait for the next round; the kernel's log and the proxy's clients fill it. */
    private static final int WAITING = 4_096;

    private static final int MOST_KINDS = 1_024;

    private static final int MOST_WATCHERS = 16;

    private record Came(Instant at, Denial denial) {}

    private final Names names;
    private final BlockingQueue<Came> inbox = new ArrayBlockingQueue<>(WAITING);
    private final AtomicLong overflowed = new AtomicLong();
    private final Tally tally = new Tally(MOST_KINDS);
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    public DenialFeed(Names names) {
        this.names = names;
        thread = Thread.ofPlatform().daemon().name("policy-told").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    /** One more denial. Any thread; never blocks. */
    public void accept(Denial denial) {
        if (!listeners.isEmpty() && !inbox.offer(new Came(Instant.now(), denial))) {
            overflowed.incrementAndGet();
        }
    }

    /** Somebody watches from now on; empty when too many do. Any thread. */
    public synchronized Optional<Watcher> watch(WatchFilter filter) {
        if (listeners.stream().filter(Watcher.class::isInstance).count() >= MOST_WATCHERS) {
            return Optional.empty();
        }
        Watcher watcher = new Watcher(filter);
        listeners.add(watcher);
        return Optional.of(watcher);
    }

    /** He watches no more. Any thread. */
    public void leave(Watcher watcher) {
        listeners.remove(watcher);
    }

    /** Reports everything from now on. */
    public void audit(AuditReports reports) {
        listeners.add(reports);
    }

    private void run() {
        LoopGuard guard = new LoopGuard("telling what was denied");
        try {
            while (true) {
                Thread.sleep(EVERY);
                guard.turn(this::turn);
            }
        } catch (InterruptedException e) {
            LOG.debug("what is denied is told no more");
        }
    }

    private void turn() throws InterruptedException {
        List<Came> came = new ArrayList<>();
        inbox.drainTo(came);
        came.forEach(c -> tally.add(c.denial(), c.at()));
        List<Counted> counted = tally.take();
        long lost = tally.takeLost() + overflowed.getAndSet(0);
        if (listeners.isEmpty() || counted.isEmpty() && lost == 0) {
            return;
        }
        Set<Ip> ends = new HashSet<>();
        counted.forEach(c -> {
            ends.add(c.denial().sender());
            ends.add(c.denial().flow().to());
        });
        Map<Ip, Names.Holder> holders = names.of(ends);
        var told = counted.stream().map(c -> DenialWire.of(c, holders)).toList();
        listeners.forEach(listener -> listener.tell(told, lost));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
