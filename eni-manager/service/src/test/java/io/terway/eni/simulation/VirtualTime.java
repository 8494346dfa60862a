package io.terway.eni.simulation;

import io.terway.eni.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Time that passes only when everybody waits, and a scheduler that lets exactly one task run, in an order that the seed
 * decides. Tasks are threads, so that the service's blocking code runs as it is; a baton makes them take turns.
 */
final class VirtualTime {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** Unwinds a task of a process that was killed. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed", null, false, false);
        }
    }

    private static final class Task {
        private final Process process;
        private final long number;
        private Thread thread;
        /** When it goes on without its future. */
        private long wakeAt;
        /** What it waits for; null when it only sleeps. */
        private CompletableFuture<?> future;

        private volatile boolean mayRun;

        Task(Process process, long number) {
            this.process = process;
            this.number = number;
        }
    }

    private final Random random;
    private final List<Task> waiting = new ArrayList<>();
    private long now;
    private long started;
    private Task running;
    private final Thread driver = Thread.currentThread();
    private volatile boolean driverRuns = true;
    private Throwable failure;

    /** Made by the thread that will call {@link #run}. */
    VirtualTime(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    long now() {
        return now;
    }

    /** The process whose task runs. */
    Process current() {
        return running.process;
    }

    /** A process whose threads end with it. */
    final class Process implements Time {

        private boolean dead;

        @Override
        public long nanos() {
            return now;
        }

        @Override
        public Instant now() {
            return START.plusNanos(now);
        }

        @Override
        public double random() {
            return random.nextDouble();
        }

        @Override
        public void start(String name, Runnable work) {
            if (dead) {
                return;
            }
            Task task = new Task(this, started++);
            task.wakeAt = now;
            waiting.add(task);
            task.thread = Thread.ofVirtual().name(name).unstarted(() -> perform(task, work));
            task.thread.start();
        }

        @Override
        public void sleep(Duration pause) {
            block(null, pause);
        }

        @Override
        public boolean await(CompletableFuture<?> future, Duration most) {
            if (!future.isDone()) {
                block(future, most);
            }
            return future.isDone();
        }

        private void block(CompletableFuture<?> future, Duration most) {
            if (dead) {
                throw new Killed();
            }
            Task me = running;
            me.future = future;
            me.wakeAt = now + Math.max(0, most.toNanos());
            waiting.add(me);
            handBack();
            awaitTurn(me);
        }

        /** kill -9: what its tasks wait for never comes. Not to be called by one of its own tasks. */
        void kill() {
            dead = true;
            for (Task task : List.copyOf(waiting)) {
                if (task.process == this) {
                    waiting.remove(task);
                    turn(task);
                }
            }
        }
    }

    private void perform(Task task, Runnable work) {
        try {
            awaitTurn(task);
            work.run();
        } catch (Killed killed) {
            // Its process is gone, and so is what it would have done.
        } catch (RuntimeException | Error e) {
            failure = failure == null && !task.process.dead ? e : failure;
        }
        handBack();
    }

    private static void awaitTurn(Task task) {
        while (!task.mayRun) {
            LockSupport.park();
        }
        task.mayRun = false;
        if (task.process.dead) {
            throw new Killed();
        }
    }

    private void handBack() {
        running = null;
        driverRuns = true;
        LockSupport.unpark(driver);
    }

    private void turn(Task task) {
        running = task;
        driverRuns = false;
        task.mayRun = true;
        LockSupport.unpark(task.thread);
        while (!driverRuns) {
            LockSupport.park();
        }
    }

    /** Lets tasks run until this much time has passed, or {@code over} says so. */
    void run(Duration span, BooleanSupplier over) {
        long end = now + span.toNanos();
        while (failure == null && !over.getAsBoolean()) {
            Task next = next();
            if (next == null || (!ready(next) && next.wakeAt > end)) {
                now = end;
                break;
            }
            now = ready(next) ? now : Math.max(now, next.wakeAt);
            waiting.remove(next);
            turn(next);
        }
        if (failure != null) {
            throw new AssertionError("a task failed", failure);
        }
    }

    /** A random one of those that can go on now, else the one that wakes first. */
    private Task next() {
        int ready = 0;
        Task chosen = null;
        Task first = null;
        for (Task task : waiting) {
            if (ready(task)) {
                ready++;
                chosen = random.nextInt(ready) == 0 ? task : chosen;
            } else if (first == null
                    || task.wakeAt < first.wakeAt
                    || (task.wakeAt == first.wakeAt && task.number < first.number)) {
                first = task;
            }
        }
        return chosen == null ? first : chosen;
    }

    private boolean ready(Task task) {
        return task.wakeAt <= now || (task.future != null && task.future.isDone());
    }
}
