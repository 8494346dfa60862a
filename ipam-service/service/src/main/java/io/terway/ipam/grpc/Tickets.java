package io.terway.ipam.grpc;

import io.grpc.Status;
import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.ReportOutcome;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Unary calls that wait for the loop's answer. Bounded by the loop's queue: each open ticket is one event in it. */
final class Tickets {

    private static final Logger LOG = Logger.getLogger(Tickets.class);

    private final AtomicLong last = new AtomicLong();
    private final Map<Long, Waiter> waiters = new ConcurrentHashMap<>();

    /** One caller: gets exactly one of the two calls. */
    private record Waiter(Consumer<Object> answer, Consumer<Status> failure) {}

    long openAllocate(Consumer<AllocateOutcome> answer, Consumer<Status> failure) {
        return open(outcome -> answer.accept((AllocateOutcome) outcome), failure);
    }

    long openReport(Consumer<ReportOutcome> answer, Consumer<Status> failure) {
        return open(outcome -> answer.accept((ReportOutcome) outcome), failure);
    }

    private long open(Consumer<Object> answer, Consumer<Status> failure) {
        long ticket = last.incrementAndGet();
        waiters.put(ticket, new Waiter(answer, failure));
        return ticket;
    }

    void answer(long ticket, Object outcome) {
        Waiter waiter = waiters.remove(ticket);
        if (waiter != null) {
            reply(() -> waiter.answer().accept(outcome));
        }
    }

    void fail(long ticket, Status status) {
        Waiter waiter = waiters.remove(ticket);
        if (waiter != null) {
            reply(() -> waiter.failure().accept(status));
        }
    }

    /** A caller that has hung up, or whose deadline is over, makes its stream throw; nobody waits for the answer then. */
    private static void reply(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException e) {
            LOG.debugf("an answer came too late: %s", e.getMessage());
        }
    }

    void failAll(Status status) {
        waiters.keySet().forEach(ticket -> fail(ticket, status));
    }
}
