package io.terway.eni.operation;

import io.terway.net.EniId;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** One open mutation per ENI: the cloud refuses a second one. Holds as many locks as operations run. */
final class EniLocks {

    private static final class Entry {
        private final ReentrantLock lock = new ReentrantLock(true);
        // guarded by the map's compute
        private int users;
    }

    private final ConcurrentHashMap<EniId, Entry> entries = new ConcurrentHashMap<>();

    /** Runs the work while nobody else works on this ENI; first come, first served. */
    <T> T with(EniId eni, Supplier<T> work) {
        Entry entry = entries.compute(eni, (_, known) -> {
            Entry used = known == null ? new Entry() : known;
            used.users++;
            return used;
        });
        entry.lock.lock();
        try {
            return work.get();
        } finally {
            entry.lock.unlock();
            entries.computeIfPresent(eni, (_, used) -> --used.users == 0 ? null : used);
        }
    }
}
