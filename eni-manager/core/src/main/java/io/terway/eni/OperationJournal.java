package io.terway.eni;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Operation ids with what became of them, so that a repeated request gets the first one's outcome. Bounded: the oldest
 * finished operation is forgotten first; when all are running, a new one is refused. Not thread-safe.
 *
 * @param <R> a running operation, for a repeat to wait on
 * @param <T> an outcome
 */
public final class OperationJournal<R, T> {

    /** What is known of an operation id. */
    public sealed interface Known<R, T> {

        /** Never heard of; now running as the value passed in. */
        record Fresh<R, T>() implements Known<R, T> {}

        record Running<R, T>(R running) implements Known<R, T> {}

        record Finished<R, T>(T outcome) implements Known<R, T> {}

        /** {@code limit} operations are running. */
        record Full<R, T>(int limit) implements Known<R, T> {}
    }

    private final int limit;
    private final Map<OperationId, Known<R, T>> entries = new LinkedHashMap<>();

    /** @param limit operations remembered, running and finished together */
    public OperationJournal(int limit) {
        this.limit = limit;
    }

    /** Begins the operation unless it is known. */
    public Known<R, T> begin(OperationId id, R running) {
        Known<R, T> known = entries.get(id);
        if (known != null) {
            return known;
        }
        if (entries.size() >= limit && !forgetOldestFinished()) {
            return new Known.Full<>(limit);
        }
        entries.put(id, new Known.Running<>(running));
        return new Known.Fresh<>();
    }

    /** Ends a running operation with an outcome that a repeat shall get too. */
    public void finish(OperationId id, T outcome) {
        entries.remove(id);
        entries.put(id, new Known.Finished<>(outcome));
    }

    /** Ends a running operation whose repeat shall try again. */
    public void forget(OperationId id) {
        entries.remove(id);
    }

    public boolean isRunning(OperationId id) {
        return entries.get(id) instanceof Known.Running<R, T>;
    }

    public int running() {
        int count = 0;
        for (Known<R, T> known : entries.values()) {
            count += known instanceof Known.Running<R, T> ? 1 : 0;
        }
        return count;
    }

    public int size() {
        return entries.size();
    }

    private boolean forgetOldestFinished() {
        Iterator<Known<R, T>> oldestFirst = entries.values().iterator();
        while (oldestFirst.hasNext()) {
            if (oldestFirst.next() instanceof Known.Finished<R, T>) {
                oldestFirst.remove();
                return true;
            }
        }
        return false;
    }
}
