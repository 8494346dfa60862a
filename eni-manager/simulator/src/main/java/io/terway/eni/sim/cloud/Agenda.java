package io.terway.eni.sim.cloud;

import java.time.Instant;
import java.util.Optional;
import java.util.PriorityQueue;

/** What ends when. Holds at most one live entry per pending change. */
final class Agenda {

    private final PriorityQueue<Due> queue = new PriorityQueue<>();

    void add(Due due) {
        if (!due.at().equals(Instant.MAX)) {
            queue.add(due);
        }
    }

    /** The earliest entry that is due at {@code now}, removed. */
    Optional<Due> next(Instant now) {
        Due head = queue.peek();
        if (head == null || head.at().isAfter(now)) {
            return Optional.empty();
        }
        return Optional.of(queue.remove());
    }

    Optional<Instant> earliest() {
        return Optional.ofNullable(queue.peek()).map(Due::at);
    }
}
