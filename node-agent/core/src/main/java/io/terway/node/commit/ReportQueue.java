package io.terway.node.commit;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Binds and releases that ipam-service has not acknowledged, in ledger order. What does not fit is dropped from the front,
 * and a new session, which begins with the whole ledger, is needed. Not thread-safe: its owner serialises.
 *
 * @param <E> an event as it is sent
 */
public final class ReportQueue<E> {

    public static final int LIMIT = 10_000;

    /** The contract's bound on one report. */
    public static final int BATCH = 1000;

    private record Entry<E>(long sequence, E event) {}

    private final ArrayDeque<Entry<E>> waiting = new ArrayDeque<>();
    private boolean connected;
    private boolean overflowed;

    /** @param sequence larger than all before */
    public void add(long sequence, E event) {
        if (waiting.size() == LIMIT) {
            waiting.removeFirst();
            overflowed = true;
        }
        waiting.addLast(new Entry<>(sequence, event));
    }

    /** A session has begun whose peer knows everything up to this sequence. */
    public void connected(long acknowledged) {
        connected = true;
        overflowed = false;
        acknowledge(acknowledged);
    }

    public void disconnected() {
        connected = false;
    }

    /** The peer knows everything up to this sequence. */
    public void acknowledge(long sequence) {
        while (!waiting.isEmpty() && waiting.getFirst().sequence() <= sequence) {
            waiting.removeFirst();
        }
    }

    /** True when this session's peer can no longer learn everything by reports. */
    public boolean needsNewSession() {
        return overflowed;
    }

    /** True when there is something to send and somebody to send it to. */
    public boolean isReady() {
        return connected && !waiting.isEmpty();
    }

    /** The oldest entries, as many as one report takes. They stay until they are acknowledged. */
    public List<E> batch() {
        return waiting.stream().limit(BATCH).map(Entry::event).toList();
    }

    public int size() {
        return waiting.size();
    }
}
