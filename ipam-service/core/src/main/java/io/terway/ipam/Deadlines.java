package io.terway.ipam;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Keys with one deadline each, earliest first. A removed or changed one stays in the heap until it surfaces or the heap is
 * half dead, so that the usual life of a deadline, set and taken back long before it is due, costs little. Not thread-safe.
 */
final class Deadlines<K> {

    /** Dead entries that are left alone. */
    private static final int FEW = 64;

    private record Entry<K>(Instant at, long order, K key) implements Comparable<Entry<K>> {

        @Override
        public int compareTo(Entry<K> other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Map<K, Entry<K>> byKey = new HashMap<>();
    private final PriorityQueue<Entry<K>> byTime = new PriorityQueue<>();
    private long order;

    void put(K key, Instant at) {
        Entry<K> entry = new Entry<>(at, order++, key);
        byKey.put(key, entry);
        byTime.add(entry);
        compact();
    }

    void remove(K key) {
        if (byKey.remove(key) != null) {
            compact();
        }
    }

    private void compact() {
        if (byTime.size() > 2 * byKey.size() + FEW) {
            byTime.clear();
            byTime.addAll(byKey.values());
        }
    }

    /** The live entry with the earliest deadline, or null. */
    private Entry<K> head() {
        if (byKey.isEmpty()) {
            return null;
        }
        Entry<K> head = byTime.peek();
        while (head != null && byKey.get(head.key) != head) {
            byTime.remove();
            head = byTime.peek();
        }
        return head;
    }

    /** The earliest deadline. */
    Optional<Instant> first() {
        Entry<K> head = head();
        return head == null ? Optional.empty() : Optional.of(head.at);
    }

    /** The earliest deadline, {@link Instant#MAX} without any. */
    Instant firstOrMax() {
        Entry<K> head = head();
        return head == null ? Instant.MAX : head.at;
    }

    /** Takes one key whose deadline is not after {@code now}. */
    Optional<K> poll(Instant now) {
        Entry<K> head = head();
        if (head == null || head.at.isAfter(now)) {
            return Optional.empty();
        }
        byTime.remove();
        byKey.remove(head.key);
        return Optional.of(head.key);
    }

    /** The earlier of two deadlines that may not be there. */
    static Optional<Instant> sooner(Optional<Instant> a, Optional<Instant> b) {
        return a.isEmpty() || b.isPresent() && b.get().isBefore(a.get()) ? b : a;
    }

    int size() {
        return byKey.size();
    }
}
