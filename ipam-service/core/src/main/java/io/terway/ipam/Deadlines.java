package io.terway.ipam;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Keys with one deadline each, earliest first; changing or removing one costs O(log n). Not thread-safe. */
final class Deadlines<K> {

    private record Entry<K>(Instant at, long order, K key) implements Comparable<Entry<K>> {

        @Override
        public int compareTo(Entry<K> other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Map<K, Entry<K>> byKey = new HashMap<>();
    private final TreeSet<Entry<K>> byTime = new TreeSet<>();
    private long order;

    void put(K key, Instant at) {
        Entry<K> entry = new Entry<>(at, order++, key);
        Entry<K> before = byKey.put(key, entry);
        if (before != null) {
            byTime.remove(before);
        }
        byTime.add(entry);
    }

    void remove(K key) {
        Entry<K> before = byKey.remove(key);
        if (before != null) {
            byTime.remove(before);
        }
    }

    /** The earliest deadline. */
    Optional<Instant> first() {
        return byTime.isEmpty() ? Optional.empty() : Optional.of(byTime.first().at);
    }

    /** Takes one key whose deadline is not after {@code now}. */
    Optional<K> poll(Instant now) {
        if (byTime.isEmpty() || byTime.first().at.isAfter(now)) {
            return Optional.empty();
        }
        K key = byTime.pollFirst().key;
        byKey.remove(key);
        return Optional.of(key);
    }

    int size() {
        return byKey.size();
    }
}
