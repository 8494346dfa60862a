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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Joins assigns by count: one lane per ENI and family, open while something waits in it. */
final class AssignLanes {

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

    // guarded by this, lanes included
    private final Map<Key, Lane> lanes = new HashMap<>();

    AssignLanes(Cloud cloud, EniLocks locks, AssignJournal journal, Duration interval) {
        this.cloud = cloud;
        this.locks = locks;
        this.journal = journal;
        this.interval = interval;
    }

    /** Adds {@code count} addresses of the cloud's choice. Blocks. */
    AddressOutcome assign(OperationId operation, EniId eni, Family family, int count) {
        List<Ip> before = new ArrayList<>();
        for (AssignJournal.Batch batch : journal.of(operation)) {
            if (batch.eni().equals(eni) && batch.family() == family) {
                AssignJournal.Batch known = batch.added().isPresent() ? batch : again(batch);
                before.addAll(known.of(operation));
            }
        }
        AddressOutcome earlier = new AddressOutcome.Complete(before);
        return before.size() >= count
                ? earlier
                : earlier.and(await(operation, eni, family, before.size(), count - before.size()));
    }

    /** Sends an open call of an earlier life once more; the token makes it the same call. */
    private AssignJournal.Batch again(AssignJournal.Batch open) {
        return locks.with(open.eni(), () -> switch (send(open)) {
            case CloudResult.Ok<List<Ip>>(List<Ip> added) -> journal.done(open.token(), added);
            case CloudResult.Failed<List<Ip>>(CloudFailure failure) -> {
                if (!unknown(failure)) {
                    journal.failed(open.token());
                }
                yield open;
            }
        });
    }

    private AddressOutcome await(OperationId operation, EniId eni, Family family, int before, int count) {
        Waiter waiter = new Waiter(before, count);
        synchronized (this) {
            Key key = new Key(eni, family);
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
        return waiter.outcome.join();
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
        return switch (send(open)) {
            case CloudResult.Ok<List<Ip>>(List<Ip> added) -> CloudResult.ok(journal.done(token, added));
            case CloudResult.Failed<List<Ip>>(CloudFailure failure) -> {
                if (!unknown(failure)) {
                    journal.failed(token);
                }
                yield CloudResult.failed(failure);
            }
        };
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
        return waiter.before + waiter.added.size();
    }

    private synchronized void settle(Key key, AssignBatcher.Batch batch, CloudResult<AssignJournal.Batch> result) {
        Lane lane = lanes.get(key);
        for (AssignBatcher.Slice slice : batch.slices()) {
            Waiter waiter = lane.waiters.get(slice.operation());
            switch (result) {
                case CloudResult.Ok<AssignJournal.Batch>(AssignJournal.Batch done) -> {
                    waiter.added.addAll(done.of(slice.operation()));
                    if (waiter.added.size() >= waiter.wanted) {
                        lane.waiters.remove(slice.operation());
                        waiter.outcome.complete(new AddressOutcome.Complete(waiter.added));
                    }
                }
                case CloudResult.Failed<AssignJournal.Batch>(CloudFailure failure) -> {
                    lane.waiters.remove(slice.operation());
                    lane.batcher.drop(slice.operation());
                    waiter.outcome.complete(new AddressOutcome.Partly(waiter.added, failure));
                }
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
