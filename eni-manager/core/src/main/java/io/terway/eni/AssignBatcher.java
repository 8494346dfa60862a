package io.terway.eni;

import io.terway.net.Family;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Joins the assigns that wait for one ENI and family into calls of at most {@link AssignCall#MAX_ADDRESSES} addresses,
 * first come first served; a larger request is spread over several calls. Not thread-safe.
 */
public final class AssignBatcher {

    /** Requests that may wait for one ENI and family. An ENI has at most 50 addresses, so more is a caller's bug. */
    public static final int MAX_WAITING = 256;

    /** Addresses of one call that belong to one operation. */
    public record Slice(OperationId operation, int count) {}

    /** One call. */
    public record Batch(Family family, List<Slice> slices) {
        public Batch {
            slices = List.copyOf(slices);
        }

        public int count() {
            return slices.stream().mapToInt(Slice::count).sum();
        }
    }

    private final Family family;
    private final Deque<Slice> waiting = new ArrayDeque<>();

    public AssignBatcher(Family family) {
        this.family = family;
    }

    /** Queues a request; false when too many wait already. */
    public boolean offer(OperationId operation, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("an assign asks for at least one address, not " + count);
        }
        if (waiting.size() >= MAX_WAITING) {
            return false;
        }
        waiting.add(new Slice(operation, count));
        return true;
    }

    public boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** True while a part of this operation is still to be called for. */
    public boolean waits(OperationId operation) {
        return waiting.stream().anyMatch(slice -> slice.operation().equals(operation));
    }

    /** Addresses waiting. */
    public int waiting() {
        return waiting.stream().mapToInt(Slice::count).sum();
    }

    /**
     * The next call, empty of slices when nothing waits.
     *
     * @param most units of the call, 1 to {@link AssignCall#MAX_ADDRESSES}
     * @param joined false: it serves one operation only
     */
    public Batch next(int most, boolean joined) {
        List<Slice> slices = new ArrayList<>();
        int room = Math.clamp(most, 1, AssignCall.MAX_ADDRESSES);
        while (room > 0 && !waiting.isEmpty() && (joined || slices.isEmpty())) {
            Slice first = waiting.poll();
            int taken = Math.min(room, first.count());
            slices.add(new Slice(first.operation(), taken));
            room -= taken;
            if (taken < first.count()) {
                waiting.addFirst(new Slice(first.operation(), first.count() - taken));
            }
        }
        return new Batch(family, slices);
    }

    /** Forgets what still waits for this operation, after one of its calls failed. */
    public void drop(OperationId operation) {
        waiting.removeIf(slice -> slice.operation().equals(operation));
    }
}
