package io.terway.eni.operation;

import io.terway.eni.Added;
import io.terway.eni.AssignBatcher;
import io.terway.eni.AssignCall;
import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.OperationId;
import io.terway.eni.Tuning;
import io.terway.eni.state.AssignBatch;
import io.terway.eni.state.Journal;
import io.terway.eni.state.Lane;
import io.terway.eni.time.Time;
import io.terway.eni.time.Turns;
import io.terway.net.EniId;
import io.terway.net.Family;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Joins assigns by count: one line per {@link Lane}, open while something waits in it. */
final class AssignLanes {

    /** An operation waits no longer for its calls: they are several, each with its own retries, in a line with others. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final class Waiter {
        private final int before;
        private final int wanted;
        private Added added = Added.NOTHING;
        private final CompletableFuture<AddressOutcome> outcome = new CompletableFuture<>();

        Waiter(int before, int wanted) {
            this.before = before;
            this.wanted = wanted;
        }
    }

    private static final class Line {
        private final AssignBatcher batcher;
        private final Map<OperationId, Waiter> waiters = new HashMap<>();

        Line(Family family) {
            batcher = new AssignBatcher(family);
        }
    }

    private final Cloud cloud;
    private final Turns<EniId> locks;
    private final Journal journal;
    private final Supplier<Tuning> tuning;
    private final Time time;
    private final Duration patience;

    // guarded by this, lines included
    private final Map<Lane, Line> lines = new HashMap<>();

    AssignLanes(Cloud cloud, Turns<EniId> locks, Journal journal, Supplier<Tuning> tuning, Time time) {
        this(cloud, locks, journal, tuning, time, PATIENCE);
    }

    AssignLanes(
            Cloud cloud, Turns<EniId> locks, Journal journal, Supplier<Tuning> tuning, Time time, Duration patience) {
        this.cloud = cloud;
        this.locks = locks;
        this.journal = journal;
        this.tuning = tuning;
        this.time = time;
        this.patience = patience;
    }

    /** Adds {@code count} units of the cloud's choice. Blocks, at most about {@link #PATIENCE}. */
    AddressOutcome assign(OperationId operation, Lane lane, int count) {
        Added before = Added.NOTHING;
        for (AssignBatch batch : journal.of(operation)) {
            if (batch.lane().equals(lane)) {
                switch (batch.added().isPresent() ? CloudResult.ok(batch) : again(batch)) {
                    case CloudResult.Ok<AssignBatch>(AssignBatch known) -> before = before.and(known.of(operation));
                    case CloudResult.Failed<AssignBatch>(CloudFailure failure) -> {
                        if (unknown(failure)) {
                            // It may have happened: a call with another token could assign twice (rule 12).
                            return new AddressOutcome.Partly(before, failure);
                        }
                    }
                }
            }
        }
        AddressOutcome earlier = new AddressOutcome.Complete(before);
        return before.size() >= count
                ? earlier
                : earlier.and(await(operation, lane, before.size(), count - before.size()));
    }

    /** Sends an open call of an earlier try once more; the token makes it the same call. */
    private CloudResult<AssignBatch> again(AssignBatch seen) {
        return locks.with(seen.lane().eni(), () -> {
            Optional<AssignBatch> now = journal.find(seen.token());
            if (now.isEmpty()) {
                return CloudResult.failed(new CloudFailure.Invalid("Settled", "it failed for certain meanwhile"));
            }
            return now.get().added().isPresent() ? CloudResult.ok(now.get()) : sendAndNote(now.get());
        });
    }

    private CloudResult<AssignBatch> sendAndNote(AssignBatch open) {
        return switch (send(open)) {
            case CloudResult.Ok<Added>(Added added) -> CloudResult.ok(journal.done(open.token(), added));
            case CloudResult.Failed<Added>(CloudFailure failure) -> {
                if (!unknown(failure)) {
                    journal.failed(open.token());
                }
                yield CloudResult.failed(failure);
            }
        };
    }

    private AddressOutcome await(OperationId operation, Lane key, int before, int count) {
        Waiter waiter = new Waiter(before, count);
        synchronized (this) {
            Line line = lines.get(key);
            if (line == null) {
                line = new Line(key.family());
                lines.put(key, line);
                time.start("assign", () -> run(key));
            }
            if (!line.batcher.offer(operation, count)) {
                return AddressOutcome.failed(new CloudFailure.Busy(
                        "LaneFull", AssignBatcher.MAX_WAITING + " assigns wait for " + key.eni() + " already"));
            }
            line.waiters.put(operation, waiter);
        }
        return time.await(waiter.outcome, patience) ? ended(waiter) : giveUp(key, operation, waiter);
    }

    private static AddressOutcome ended(Waiter waiter) {
        try {
            return waiter.outcome.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** What is under way goes on and is noted in the journal, where a repeat of the operation finds it. */
    private synchronized AddressOutcome giveUp(Lane key, OperationId operation, Waiter waiter) {
        Line line = lines.get(key);
        if (line != null) {
            line.batcher.drop(operation);
            line.waiters.remove(operation, waiter);
        }
        return waiter.outcome.getNow(new AddressOutcome.Partly(
                waiter.added,
                new CloudFailure.OutcomeUnknown(
                        "Deadline", "the assign to " + key.eni() + " did not end within " + patience)));
    }

    private void run(Lane key) {
        time.sleep(tuning.get().batch().gathering());
        while (true) {
            AssignBatcher.Batch batch;
            Tuning.Batch rules = tuning.get().batch();
            synchronized (this) {
                Line line = lines.get(key);
                batch = line.batcher.next(rules.perCall(), rules.on());
                if (batch.slices().isEmpty()) {
                    lines.remove(key);
                    return;
                }
            }
            try {
                settle(key, batch, locks.with(key.eni(), () -> call(key, batch)));
            } catch (RuntimeException | Error e) {
                batch.slices().forEach(slice -> fail(key, slice.operation(), e));
            }
        }
    }

    private CloudResult<AssignBatch> call(Lane key, AssignBatcher.Batch batch) {
        List<AssignBatch.Share> shares = batch.slices().stream()
                .map(slice -> new AssignBatch.Share(slice.operation(), slice.count()))
                .toList();
        OperationId first = shares.getFirst().operation();
        String token = first.clientToken("assign " + key + " " + shares + " after " + addedTo(key, first));
        AssignBatch open = journal.begin(token, key, shares);
        return sendAndNote(open);
    }

    private CloudResult<Added> send(AssignBatch open) {
        Lane lane = open.lane();
        return LeadershipLost.unlessLost(
                cloud.assign(new AssignCall(lane.eni(), lane.family(), lane.what(open.count()), open.token())));
    }

    /** After such a failure the call stays open in the journal, and a repeat of the operation sends it again. */
    private static boolean unknown(CloudFailure failure) {
        return failure instanceof CloudFailure.OutcomeUnknown || failure instanceof CloudFailure.Transient;
    }

    private synchronized int addedTo(Lane key, OperationId operation) {
        Waiter waiter = lines.get(key).waiters.get(operation);
        return waiter == null ? 0 : waiter.before + waiter.added.size();
    }

    private synchronized void settle(Lane key, AssignBatcher.Batch batch, CloudResult<AssignBatch> result) {
        Line line = lines.get(key);
        for (AssignBatcher.Slice slice : batch.slices()) {
            Waiter waiter = line.waiters.get(slice.operation());
            if (waiter != null) {
                settle(line, slice.operation(), waiter, result);
            }
        }
    }

    private static void settle(Line line, OperationId operation, Waiter waiter, CloudResult<AssignBatch> result) {
        switch (result) {
            case CloudResult.Ok<AssignBatch>(AssignBatch done) -> {
                waiter.added = waiter.added.and(done.of(operation));
                if (waiter.added.size() >= waiter.wanted) {
                    line.waiters.remove(operation);
                    waiter.outcome.complete(new AddressOutcome.Complete(waiter.added));
                } else if (!line.batcher.waits(operation)) {
                    line.waiters.remove(operation);
                    waiter.outcome.complete(new AddressOutcome.Partly(
                            waiter.added,
                            new CloudFailure.Unrecognised(
                                    "FewerAddresses",
                                    "the cloud added " + waiter.added.size() + " of " + waiter.wanted
                                            + " and said it had done all; ask again for the rest")));
                }
            }
            case CloudResult.Failed<AssignBatch>(CloudFailure failure) -> {
                line.waiters.remove(operation);
                line.batcher.drop(operation);
                waiter.outcome.complete(new AddressOutcome.Partly(waiter.added, failure));
            }
        }
    }

    private synchronized void fail(Lane key, OperationId operation, Throwable cause) {
        Line line = lines.get(key);
        line.batcher.drop(operation);
        Waiter waiter = line.waiters.remove(operation);
        if (waiter != null) {
            waiter.outcome.completeExceptionally(cause);
        }
    }
}
