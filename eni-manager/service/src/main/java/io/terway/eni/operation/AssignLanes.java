package io.terway.eni.operation;

import io.terway.eni.AssignBatcher;
import io.terway.eni.AssignCall;
import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.OperationId;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Joins assigns by count: one lane per ENI and family, open while something waits in it. */
final class AssignLanes {

    /** An operation waits no longer for its calls: they are several, each with its own retries, in a line with others. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private record Key(EniId eni, Family family) {}

    private static final class Waiter {
        private final int before;
        private final int wanted;
        private final List<Ip> added = new ArrayList<>();
        private final CompletableFuture<AddressOutcome> outcome = new CompletableFuture<>();

        Waiter(int before, int wanted) {
            this.before = before;
            this.wanted = wanted;
        }
    }

    private static final class Lane {
        private final AssignBatcher batcher;
        private final Map<OperationId, Waiter> waiters = new HashMap<>();

        Lane(Family family) {
            batcher = new AssignBatcher(family);
        }
    }

    private final Cloud cloud;
    private final EniLocks locks;
    private final AssignJournal journal;
    private final Duration interval;
    private final Duration patience;

    // guarded by this, lanes included
    private final Map<Key, Lane> lanes = new HashMap<>();

    AssignLanes(Cloud cloud, EniLocks locks, AssignJournal journal, Duration interval) {
        this(cloud, locks, journal, interval, PATIENCE);
    }

    AssignLanes(Cloud cloud, EniLocks locks, AssignJournal journal, Duration interval, Duration patience) {
        this.cloud = cloud;
        this.locks = locks;
        this.journal = journal;
        this.interval = interval;
        this.patience = patience;
    }

    /** Adds {@code count} addresses of the cloud's choice. Blocks, at most about {@link #PATIENCE}. */
    AddressOutcome assign(OperationId operation, EniId eni, Family family, int count) {
        List<Ip> before = new ArrayList<>();
        for (AssignJournal.Batch batch : journal.of(operation)) {
            if (batch.eni().equals(eni) && batch.family() == family) {
                switch (batch.added().isPresent() ? CloudResult.ok(batch) : again(operation, batch)) {
                    case CloudResult.Ok<AssignJournal.Batch>(AssignJournal.Batch known) ->
                        before.addAll(known.of(operation));
                    case CloudResult.Failed<AssignJournal.Batch>(CloudFailure failure) -> {
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
                : earlier.and(await(operation, eni, family, before.size(), count - before.size()));
    }

    /** Sends an open call of an earlier try once more; the token makes it the same call. */
    private CloudResult<AssignJournal.Batch> again(OperationId operation, AssignJournal.Batch seen) {
        return locks.with(seen.eni(), () -> {
            Optional<AssignJournal.Batch> now = journal.of(operation).stream()
                    .filter(batch -> batch.token().equals(seen.token()))
                    .findFirst();
            if (now.isEmpty()) {
                return CloudResult.failed(new CloudFailure.Invalid("Settled", "it failed for certain meanwhile"));
            }
            return now.get().added().isPresent() ? CloudResult.ok(now.get()) : sendAndNote(now.get());
        });
    }

    private CloudResult<AssignJournal.Batch> sendAndNote(AssignJournal.Batch open) {
        return switch (send(open)) {
            case CloudResult.Ok<List<Ip>>(List<Ip> added) -> CloudResult.ok(journal.done(open.token(), added));
            case CloudResult.Failed<List<Ip>>(CloudFailure failure) -> {
                if (!unknown(failure)) {
                    journal.failed(open.token());
                }
                yield CloudResult.failed(failure);
            }
        };
    }

    private AddressOutcome await(OperationId operation, EniId eni, Family family, int before, int count) {
        Waiter waiter = new Waiter(before, count);
        Key key = new Key(eni, family);
        synchronized (this) {
            Lane lane = lanes.get(key);
            if (lane == null) {
                lane = new Lane(family);
                lanes.put(key, lane);
                Thread.ofVirtual().name("assign").start(() -> run(key));
            }
            if (!lane.batcher.offer(operation, count)) {
                return AddressOutcome.failed(new CloudFailure.Busy(
                        "LaneFull", AssignBatcher.MAX_WAITING + " assigns wait for " + eni + " already"));
            }
            lane.waiters.put(operation, waiter);
        }
        try {
            return waiter.outcome.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return giveUp(key, operation, waiter);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return giveUp(key, operation, waiter);
        }
    }

    /** What is under way goes on and is noted in the journal, where a repeat of the operation finds it. */
    private synchronized AddressOutcome giveUp(Key key, OperationId operation, Waiter waiter) {
        Lane lane = lanes.get(key);
        if (lane != null) {
            lane.batcher.drop(operation);
            lane.waiters.remove(operation, waiter);
        }
        return waiter.outcome.getNow(new AddressOutcome.Partly(
                waiter.added,
                new CloudFailure.OutcomeUnknown(
                        "Deadline", "the assign to " + key.eni() + " did not end within " + patience)));
    }

    private void run(Key key) {
        LockSupport.parkNanos(interval.toNanos());
        while (true) {
            AssignBatcher.Batch batch;
            synchronized (this) {
                Lane lane = lanes.get(key);
                batch = lane.batcher.next();
                if (batch.slices().isEmpty()) {
                    lanes.remove(key);
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

    private CloudResult<AssignJournal.Batch> call(Key key, AssignBatcher.Batch batch) {
        List<AssignJournal.Share> shares = batch.slices().stream()
                .map(slice -> new AssignJournal.Share(slice.operation(), slice.count()))
                .toList();
        OperationId first = shares.getFirst().operation();
        String token = first.clientToken("assign " + key + " " + shares + " after " + addedTo(key, first));
        AssignJournal.Batch open = journal.begin(token, key.eni(), key.family(), shares);
        return sendAndNote(open);
    }

    private CloudResult<List<Ip>> send(AssignJournal.Batch open) {
        return LeadershipLost.unlessLost(
                cloud.assign(new AssignCall(open.eni(), open.family(), open.count(), List.of(), open.token())));
    }

    /** After such a failure the call stays open in the journal, and a repeat of the operation sends it again. */
    private static boolean unknown(CloudFailure failure) {
        return failure instanceof CloudFailure.OutcomeUnknown || failure instanceof CloudFailure.Transient;
    }

    private synchronized int addedTo(Key key, OperationId operation) {
        Waiter waiter = lanes.get(key).waiters.get(operation);
        return waiter == null ? 0 : waiter.before + waiter.added.size();
    }

    private synchronized void settle(Key key, AssignBatcher.Batch batch, CloudResult<AssignJournal.Batch> result) {
        Lane lane = lanes.get(key);
        for (AssignBatcher.Slice slice : batch.slices()) {
            Waiter waiter = lane.waiters.get(slice.operation());
            if (waiter != null) {
                settle(lane, slice.operation(), waiter, result);
            }
        }
    }

    private static void settle(
            Lane lane, OperationId operation, Waiter waiter, CloudResult<AssignJournal.Batch> result) {
        switch (result) {
            case CloudResult.Ok<AssignJournal.Batch>(AssignJournal.Batch done) -> {
                waiter.added.addAll(done.of(operation));
                if (waiter.added.size() >= waiter.wanted) {
                    lane.waiters.remove(operation);
                    waiter.outcome.complete(new AddressOutcome.Complete(waiter.added));
                } else if (!lane.batcher.waits(operation)) {
                    lane.waiters.remove(operation);
                    waiter.outcome.complete(new AddressOutcome.Partly(
                            waiter.added,
                            new CloudFailure.Unrecognised(
                                    "FewerAddresses",
                                    "the cloud added " + waiter.added.size() + " of " + waiter.wanted
                                            + " addresses and said it had done all; ask again for the rest")));
                }
            }
            case CloudResult.Failed<AssignJournal.Batch>(CloudFailure failure) -> {
                lane.waiters.remove(operation);
                lane.batcher.drop(operation);
                waiter.outcome.complete(new AddressOutcome.Partly(waiter.added, failure));
            }
        }
    }

    private synchronized void fail(Key key, OperationId operation, Throwable cause) {
        Lane lane = lanes.get(key);
        lane.batcher.drop(operation);
        Waiter waiter = lane.waiters.remove(operation);
        if (waiter != null) {
            waiter.outcome.completeExceptionally(cause);
        }
    }
}
