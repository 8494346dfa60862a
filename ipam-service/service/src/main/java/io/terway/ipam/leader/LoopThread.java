package io.terway.ipam.leader;

import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** Lends a thread to the loop of one term. Events wait in a bounded queue; commands are executed on this thread and never block. */
public final class LoopThread implements AutoCloseable {

    /** Events waiting at most: a few seconds of the busiest cluster. Beyond it callers are told to come back. */
    static final int QUEUE_LIMIT = 65_536;

    private static final Logger LOG = Logger.getLogger(LoopThread.class);
    private static final Duration LONGEST_NAP = Duration.ofSeconds(1);

    private final IpamLoop loop;
    private final BiConsumer<LoopThread, IpamCommand> effects;
    private final ArrayBlockingQueue<Work> queue = new ArrayBlockingQueue<>(QUEUE_LIMIT);
    private final Instant wallStart = Instant.now();
    private final long nanoStart = System.nanoTime();
    private final Thread thread;
    private volatile boolean closed;
    private volatile Figures figures = Figures.NONE;

    private sealed interface Work {

        record Event(IpamEvent event) implements Work {}

        record Ask(Consumer<IpamLoop> question) implements Work {}
    }

    /** @param effects carries out a command of this loop; what it throws costs that command only */
    public LoopThread(IpamLoop loop, BiConsumer<LoopThread, IpamCommand> effects) {
        this.loop = loop;
        this.effects = effects;
        thread = Thread.ofPlatform().daemon().name("ipam-loop-" + loop.term()).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public long term() {
        return loop.term();
    }

    /** The loop's time: wall clock at start, moved on by the monotonic clock, so that it never goes back. */
    public Instant now() {
        return wallStart.plusNanos(System.nanoTime() - nanoStart);
    }

    /** False when the queue is full or the term is over: the caller tells its client to come back. */
    public boolean offer(IpamEvent event) {
        return !closed && queue.offer(new Work.Event(event));
    }

    /** Waits for room: for sources that may be slowed down. Nothing happens once the term is over. */
    public void put(IpamEvent event) {
        try {
            while (!closed && !queue.offer(new Work.Event(event), 100, TimeUnit.MILLISECONDS)) {
                LOG.debug("the loop's queue is full");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads from the loop on its own thread; fails when the queue is full. */
    public <T> CompletableFuture<T> ask(Function<IpamLoop, T> question) {
        var answer = new CompletableFuture<T>();
        boolean queued = !closed
                && queue.offer(new Work.Ask(loop -> {
                    try {
                        answer.complete(question.apply(loop));
                    } catch (RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                }));
        if (!queued) {
            answer.completeExceptionally(new IllegalStateException("the loop is overloaded or has ended"));
        }
        return answer;
    }

    /** Events waiting. */
    public int waiting() {
        return queue.size();
    }

    public Figures figures() {
        return figures;
    }

    public boolean alive() {
        return thread.isAlive();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (!closed) {
                Work work = queue.poll(nap().toNanos(), TimeUnit.NANOSECONDS);
                switch (work) {
                    case null -> step(new IpamEvent.Tick());
                    case Work.Event event -> step(event.event());
                    case Work.Ask ask -> ask.question().accept(loop);
                }
                if (due()) {
                    step(new IpamEvent.Tick());
                }
                if (queue.isEmpty() || work == null) {
                    figures = Figures.of(loop);
                }
            }
        } catch (InterruptedException e) {
            LOG.debugf("the loop of term %d was stopped", loop.term());
        }
    }

    private Duration nap() {
        Optional<Instant> due = loop.nextDue();
        Duration wait = due.map(at -> Duration.between(now(), at)).orElse(LONGEST_NAP);
        return wait.compareTo(LONGEST_NAP) > 0 ? LONGEST_NAP : wait.isNegative() ? Duration.ZERO : wait;
    }

    private boolean due() {
        return loop.nextDue().filter(at -> !at.isAfter(now())).isPresent();
    }

    private void step(IpamEvent event) {
        List<IpamCommand> commands;
        try {
            commands = loop.step(event, now());
        } catch (RuntimeException e) { // the loop's top: one node's bug must not stop the others
            LOG.errorf(e, "event %s failed", event.getClass().getSimpleName());
            return;
        }
        commands.forEach(this::carryOut);
    }

    /** The core believes every command of a step to be under way: one that fails must not keep back the next. */
    private void carryOut(IpamCommand command) {
        try {
            effects.accept(this, command);
        } catch (RuntimeException e) {
            LOG.errorf(e, "command %s failed", command.getClass().getSimpleName());
        }
    }
}
