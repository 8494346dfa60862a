package io.terway.agent.sandbox;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells whoever waits for an address that something changed: an offer came, a link is up, a cool-down ended, a DEL
 * arrived. Any thread.
 */
public final class Supply {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private long version; // guarded by lock

    /** Take it before looking; {@link #await} then misses nothing. */
    public long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    public void changed() {
        lock.lock();
        try {
            version++;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something changed since {@code seen}, at most so long. An interrupt ends it and stays set. */
    public void await(long seen, Duration atMost) {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (version == seen && left > 0) {
                left = moved.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
