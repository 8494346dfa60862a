package io.terway.eni.time;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** One at a time for each key, first come first served. Holds as many entries as keys are in use. Not reentrant. */
public final class Turns<K> {

    private final Time time;
    private final ConcurrentHashMap<K, CompletableFuture<Void>> last = new ConcurrentHashMap<>();

    public Turns(Time time) {
        this.time = time;
    }

    /** Runs the work while nobody else works on this key. */
    public <T> T with(K key, Supplier<T> work) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> before = last.put(key, mine);
        try {
            if (before != null) {
                time.join(before);
            }
            return work.get();
        } finally {
            last.remove(key, mine);
            mine.complete(null);
        }
    }

    /** True while somebody works on this key or waits for it. */
    public boolean taken(K key) {
        return last.containsKey(key);
    }
}
