package io.terway.sim;

import java.time.Instant;
import java.util.PriorityQueue;

/** Virtual time and what is to happen in it. Equal times keep the order in which they were asked for. */
final class Agenda {

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private record Entry(long at, long order, Runnable what) implements Comparable<Entry> {

        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private long order;
    private long now;

    /** Milliseconds since the beginning. */
    long now() {
        return now;
    }

    Instant instant() {
        return BEGIN.plusMillis(now);
    }

    /** Milliseconds since the beginning of an instant, rounded up. */
    static long millis(Instant at) {
        return Math.ceilDiv(at.getEpochSecond() * 1_000_000_000L + at.getNano(), 1_000_000L) - BEGIN.toEpochMilli();
    }

    void at(long when, Runnable what) {
        entries.add(new Entry(Math.max(when, now), order++, what));
    }

    void after(long millis, Runnable what) {
        at(now + millis, what);
    }

    int size() {
        return entries.size();
    }

    /** Lets the next thing happen. */
    void step() {
        Entry next = entries.remove();
        now = next.at;
        next.what.run();
    }
}
