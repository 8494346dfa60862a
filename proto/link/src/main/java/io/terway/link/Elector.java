package io.terway.link;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One candidate of an election by Lease, stepped by its owner: no thread, no clock of its own.
 *
 * <p>Expiry is judged by locally observed change on a monotonic clock, never by comparing the holder's wall clock with
 * ours: a candidate takes over only after it has itself seen the same version for the holder's whole duration, and a
 * leader counts its lease from before the renewing request left. Whatever the clocks of two machines say, the leader's
 * lease has ended before the candidate's wait has. A suspended virtual machine does stop the monotonic clock: the term
 * that every message carries is the fence for that.
 *
 * <p>{@link #step} belongs to one thread; the other methods may be called from any.
 */
public final class Elector {

    /** Terms above this are not believed: a Lease counts them in 32 bits, and no cluster changes leaders so often. */
    static final long HIGHEST_TERM = 1L << 30;

    private final LeaseStore store;
    private final String identity;
    private final Duration duration;
    private final LongSupplier nanoClock;

    /** Monotonic deadline and term of the lease held; null when not leading. Written by the stepping thread only. */
    private volatile Held held;

    /** No lower term is led: somebody has seen the one before it. */
    private volatile long floor = 1;

    private volatile boolean stopped;

    private LeaseRecord observed;
    private long observedAt;

    private record Held(long term, long untilNanos) {}

    /**
     * @param identity unique for the life of this process, never reused
     * @param duration how long a renewal lasts; at least one second
     * @param nanoClock monotonic nanoseconds
     */
    public Elector(LeaseStore store, String identity, Duration duration, LongSupplier nanoClock) {
        this.store = Objects.requireNonNull(store);
        this.identity = Objects.requireNonNull(identity);
        this.duration = duration;
        this.nanoClock = nanoClock;
        if (duration.toSeconds() < 1) {
            throw new IllegalArgumentException("lease duration " + duration + " is below one second");
        }
    }

    /** Renews the lease when we hold it, takes it when it is free or expired. Blocks for one read and one write. */
    public void step() {
        long before = nanoClock.getAsLong();
        Optional<LeaseRecord> current = store.read();
        if (current.isEmpty()) {
            // Deleted, or never made: terms go on from what this process saw of it.
            long next = observed == null ? 1 : observed.term() + 1;
            take(new LeaseRecord("", identity, Math.max(next, floor), duration), before);
            return;
        }
        LeaseRecord lease = current.get();
        if (observed == null || !observed.version().equals(lease.version())) {
            observed = lease;
            observedAt = nanoClock.getAsLong();
        }
        if (lease.holder().equals(identity)) {
            // A lease that ran out in our hands ended its term: what was built in it is gone, so its number is used up.
            long term = term() == 0 ? lease.term() + 1 : lease.term();
            take(new LeaseRecord(lease.version(), identity, Math.max(term, floor), duration), before);
        } else if (lease.holder().isEmpty()
                || nanoClock.getAsLong() - observedAt > lease.duration().toNanos()) {
            take(new LeaseRecord(lease.version(), identity, Math.max(lease.term() + 1, floor), duration), before);
        } else {
            held = null;
        }
    }

    /**
     * Leads no term up to {@code seenTerm} from now on: a lower one that is led ends here, and the next {@link #step} that
     * takes or renews the lease takes it above. Any thread, no I/O.
     *
     * @return false when the term is too high to be true; nothing has changed then
     */
    public synchronized boolean outrank(long seenTerm) {
        if (seenTerm >= HIGHEST_TERM) {
            return false;
        }
        floor = Math.max(floor, seenTerm + 1);
        return true;
    }

    /** Leads no more, whatever is held; the Lease stays as it is. Any thread, no I/O. */
    public void stop() {
        stopped = true;
    }

    /** Gives the lease up so that another candidate need not wait. We stop leading before the write leaves. */
    public void resign() {
        held = null;
        if (observed != null && observed.holder().equals(identity)) {
            store.write(new LeaseRecord(observed.version(), "", observed.term(), observed.duration()));
        }
    }

    /** Lease time left; zero when not leading. Reads only the clock: true whatever the API server does. */
    public Duration remaining() {
        Held now = held;
        long left = valid(now) ? now.untilNanos - nanoClock.getAsLong() : 0;
        return left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
    }

    /** The term we lead, 0 when not leading. */
    public long term() {
        Held now = held;
        return valid(now) && now.untilNanos - nanoClock.getAsLong() > 0 ? now.term : 0;
    }

    private boolean valid(Held now) {
        return now != null && now.term >= floor && !stopped;
    }

    private void take(LeaseRecord next, long before) {
        boolean renews = term() == next.term();
        Optional<LeaseRecord> written = store.write(next);
        if (written.isEmpty()) {
            held = null;
            return;
        }
        observed = written.get();
        observedAt = nanoClock.getAsLong();
        if (renews && term() == 0) {
            held = null; // it ran out while the write was under way: the next step begins another term
            return;
        }
        held = new Held(next.term(), before + duration.toNanos());
    }
}
