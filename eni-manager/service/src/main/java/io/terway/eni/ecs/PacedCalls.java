package io.terway.eni.ecs;

import io.terway.eni.Action;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.RetryPolicy;
import io.terway.eni.TokenBucket.Turn;
import io.terway.eni.audit.AuditEvent;
import io.terway.eni.ecs.CloudEdge.CloudDown;
import io.terway.eni.k8s.Leader;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/**
 * The way of every call to the cloud: it waits for its turn, is made only while the lease lasts, goes
 * through the edge, is counted, audited when it changes something, and repeated as {@link RetryPolicy} says. The one
 * place of all five.
 */
public final class PacedCalls {

    /** Longest time of one call with all its repeats. */
    static final Duration CALL_LIMIT = Duration.ofSeconds(60);

    private final CloudEdge edge;
    private final Pace pace;
    private final Leader leader;
    private final CloudMetrics metrics;
    private final Consumer<AuditEvent> audit;
    private final Time time;

    public PacedCalls(
            CloudEdge edge, Pace pace, Leader leader, CloudMetrics metrics, Consumer<AuditEvent> audit, Time time) {
        this.edge = edge;
        this.pace = pace;
        this.leader = leader;
        this.metrics = metrics;
        this.audit = audit;
        this.time = time;
    }

    <T> CloudResult<T> call(Action action, String subject, Supplier<CloudResult<T>> once) {
        long deadline = time.nanos() + CALL_LIMIT.toNanos();
        pace.called();
        for (int attempt = 1; ; attempt++) {
            CloudResult<T> result = attempt(action, subject, once);
            if (!(result instanceof CloudResult.Failed<T>(CloudFailure failure))) {
                return result;
            }
            Duration left = Duration.ofNanos(deadline - time.nanos());
            double random = time.random();
            if (!(RetryPolicy.decide(failure, action, attempt, random, left)
                            instanceof RetryPolicy.Decision.Again(Duration after))
                    || !pace.tryRetry()) {
                return result;
            }
            time.sleep(after);
        }
    }

    private <T> CloudResult<T> attempt(Action action, String subject, Supplier<CloudResult<T>> once) {
        switch (pace.take(action, time.nanos())) {
            case Turn.TooLong(Duration pause) -> {
                metrics.rateLimited(action);
                return CloudResult.failed(new CloudFailure.Throttled(
                        "Throttling.Local",
                        action.apiName() + " would wait " + pause.toSeconds()
                                + " s for its turn; raise terway.rate-limit or ask again later"));
            }
            case Turn.After(Duration pause) -> {
                if (pause.isPositive()) {
                    metrics.rateLimited(action);
                    time.sleep(pause);
                }
            }
        }
        if (action.mutating() && leader.remaining().compareTo(EcsClient.MUTATION) <= 0) {
            return CloudResult.failed(notLeader());
        }
        return measured(action, subject, once);
    }

    /** Of a class that is not repeated: whoever leads then does the work. */
    private static CloudFailure notLeader() {
        return new CloudFailure.Unrecognised(
                Leader.NOT_LEADER, "the lease ends before a call could; ask the new leader");
    }

    private <T> CloudResult<T> measured(Action action, String subject, Supplier<CloudResult<T>> once) {
        Instant at = time.now();
        long start = time.nanos();
        CloudResult<T> result = throughEdge(action, once);
        Duration took = Duration.ofNanos(time.nanos() - start);
        metrics.called(action, took);
        String outcome = switch (result) {
            case CloudResult.Ok<T> _ -> {
                pace.succeeded(action, time.nanos());
                yield "ok";
            }
            case CloudResult.Failed<T>(CloudFailure failure) -> {
                failed(action, failure);
                yield failure.code();
            }
        };
        if (action.mutating()) {
            audit.accept(new AuditEvent(at, leader.term(), action.apiName(), subject, outcome, took.toMillis()));
        }
        return result;
    }

    private void failed(Action action, CloudFailure failure) {
        metrics.failed(action);
        if (failure instanceof CloudFailure.Throttled) {
            metrics.rateLimited(action);
            pace.throttled(action, time.nanos());
        }
    }

    private <T> CloudResult<T> throughEdge(Action action, Supplier<CloudResult<T>> once) {
        try {
            return action.mutating() ? edge.mutate(once) : edge.read(once);
        } catch (CloudDown down) {
            return CloudResult.failed(down.failure());
        } catch (CircuitBreakerOpenException open) {
            return CloudResult.failed(new CloudFailure.Transient(
                    "CircuitOpen", "the cloud did not answer lately; " + action.apiName() + " is held back for 3 s"));
        } catch (BulkheadException full) {
            return CloudResult.failed(
                    new CloudFailure.Transient("Bulkhead", "too many calls to the cloud at once; ask again"));
        } catch (TimeoutException late) {
            return CloudResult.failed(
                    new CloudFailure.OutcomeUnknown("Timeout", action.apiName() + " did not answer in time"));
        }
    }
}
