package io.terway.lab.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** The steps of a lab's start, told to everyone who waits for it, from the first step on. Callable from any thread. */
final class Progress {
    /** Some steps per node; more is a bug. */
    private static final int LIMIT = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final long begun = System.nanoTime();
    private final List<String> lines = new ArrayList<>(); // guarded by lock
    private boolean ended; // guarded by lock
    private Optional<String> failure = Optional.empty(); // guarded by lock

    void say(String text) {
        long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        lock.lock();
        try {
            if (lines.size() < LIMIT) {
                lines.add("%5.1f s  %s".formatted(millis / 1e3, text));
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void end(Optional<String> why) {
        lock.lock();
        try {
            ended = true;
            failure = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Gives every line to {@code listener} until the start has ended; the failure's line if it failed. */
    Optional<String> follow(Consumer<String> listener) throws InterruptedException {
        int told = 0;
        while (true) {
            List<String> fresh;
            boolean last;
            lock.lock();
            try {
                while (told == lines.size() && !ended) {
                    changed.await();
                }
                fresh = List.copyOf(lines.subList(told, lines.size()));
                last = ended;
            } finally {
                lock.unlock();
            }
            fresh.forEach(listener);
            told += fresh.size();
            if (last) {
                return failure();
            }
        }
    }

    private Optional<String> failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }
}
