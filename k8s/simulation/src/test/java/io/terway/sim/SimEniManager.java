package io.terway.sim;

import io.terway.eni.AddressCounts;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.EniCommand;
import io.terway.eni.EniEvent;
import io.terway.eni.EniLifecycle;
import io.terway.eni.EniOrder;
import io.terway.eni.EniState;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.OperationJournal;
import io.terway.eni.Seat;
import io.terway.eni.Transition;
import io.terway.ipam.FailureClass;
import io.terway.ipam.OperationResult;
import io.terway.ipam.PoolCommand;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * eni-manager: the real life cycle and journal of operations over the simulated cloud. A crash forgets everything but the
 * highest term; what the cloud was told before goes on.
 */
final class SimEniManager {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Agenda agenda;
    private final Weather weather;
    private final Rules rules;
    private final SimCloud cloud;
    private OperationJournal<List<Consumer<OperationResult>>, OperationResult> journal = new OperationJournal<>(10_000);
    private Map<EniId, Deque<Runnable>> locks = new HashMap<>();
    private boolean up = true;
    private boolean crashedBefore;
    private int life;
    private long highestTerm;

    SimEniManager(Agenda agenda, Weather weather, Rules rules, SimCloud cloud) {
        this.agenda = agenda;
        this.weather = weather;
        this.rules = rules;
        this.cloud = cloud;
    }

    void crash() {
        up = false;
        life++;
        crashedBefore = true;
        journal = new OperationJournal<>(10_000);
        locks = new HashMap<>();
        agenda.after(weather.between(500, 20_000), () -> up = true);
    }

    /** Goes and does not come back. */
    void stop() {
        crash();
        agenda.after(20_001, () -> up = false);
    }

    boolean isUp() {
        return up;
    }

    /** What an earlier leader asks is refused: the answer is the term that overtook it. */
    Optional<Long> overtaken(long term) {
        if (!rules.obeys(term, highestTerm)) {
            return Optional.of(highestTerm);
        }
        highestTerm = Math.max(highestTerm, term);
        return Optional.empty();
    }

    /** Carries out a command, once per id. */
    void run(String id, PoolCommand command, List<io.terway.net.VSwitchId> candidates, Consumer<OperationResult> done) {
        OperationId operation = new OperationId(id);
        List<Consumer<OperationResult>> waiters = new ArrayList<>(List.of(done));
        switch (journal.begin(operation, waiters)) {
            case OperationJournal.Known.Fresh<List<Consumer<OperationResult>>, OperationResult> _ ->
                start(operation, command, candidates, result -> {
                    if (result instanceof OperationResult.Failed) {
                        journal.forget(operation);
                    } else {
                        journal.finish(operation, result);
                    }
                    waiters.forEach(waiter -> waiter.accept(result));
                });
            case OperationJournal.Known.Running<List<Consumer<OperationResult>>, OperationResult>(var running) ->
                running.add(done);
            case OperationJournal.Known.Finished<List<Consumer<OperationResult>>, OperationResult>(var outcome) ->
                done.accept(outcome);
            case OperationJournal.Known.Full<List<Consumer<OperationResult>>, OperationResult>(int limit) ->
                throw new Broken(9, limit + " operations run at once");
        }
    }

    private void start(
            OperationId id,
            PoolCommand command,
            List<io.terway.net.VSwitchId> candidates,
            Consumer<OperationResult> done) {
        switch (command) {
            case PoolCommand.CreateEni create -> create(id, create, candidates, done);
            case PoolCommand.DeleteEni delete ->
                locked(
                        delete.eni(),
                        done,
                        released ->
                                call(() -> CloudResult.ok(cloud.look(delete.eni())), seen -> remove(seen, released)));
            case PoolCommand.AssignAddresses assign ->
                locked(assign.eni(), done, released -> assign(id, assign, released));
            case PoolCommand.UnassignAddresses unassign ->
                locked(unassign.eni(), done, released -> unassign(unassign, unassign.addresses(), 1, released));
            case PoolCommand.ModifyEni _,
                    PoolCommand.DetachEni _,
                    PoolCommand.AttachEni _,
                    PoolCommand.PutRoute _,
                    PoolCommand.DeleteRoute _ ->
                throw new IllegalStateException("not asked for in this configuration: " + command);
        }
    }

    private void create(
            OperationId id,
            PoolCommand.CreateEni create,
            List<io.terway.net.VSwitchId> candidates,
            Consumer<OperationResult> done) {
        EniOrder order = new EniOrder(
                id,
                create.trunk()
                        .<Seat>map(trunk -> new Seat.OnTrunk(create.instance(), trunk))
                        .orElseGet(() -> new Seat.OnInstance(create.instance())),
                create.vSwitches().isEmpty() ? candidates : create.vSwitches(),
                List.of(new SecurityGroupId("sg-1")),
                AddressCounts.of(create.counts().ipv4(), create.counts().ipv6()),
                Map.of(),
                "",
                switch (create.purpose()) {
                    case SHARED, EXCLUSIVE -> EniType.SECONDARY;
                    case TRUNK -> EniType.TRUNK;
                    case MEMBER -> EniType.MEMBER;
                });
        drive(EniLifecycle.order(order, crashedBefore, deadline()), done);
    }

    private void remove(CloudResult<Optional<NetworkInterface>> looked, Consumer<OperationResult> done) {
        switch (looked) {
            case CloudResult.Failed<Optional<NetworkInterface>>(CloudFailure failure) -> done.accept(failed(failure));
            case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> seen) -> {
                if (seen.isEmpty()) {
                    done.accept(new OperationResult.Removed());
                } else {
                    drive(EniLifecycle.remove(seen.get(), deadline()), done);
                }
            }
        }
    }

    private java.time.Instant deadline() {
        return agenda.instant().plus(PATIENCE);
    }

    private void drive(Transition at, Consumer<OperationResult> done) {
        switch (at.next()) {
            case EniState.InUse(NetworkInterface eni) ->
                done.accept(new OperationResult.EniCreated(Translate.eni(eni)));
            case EniState.Gone _, EniState.Parked _ -> done.accept(new OperationResult.Removed());
            case EniState.Failed(CloudFailure cause) -> done.accept(failed(cause));
            case EniState.Creating _,
                    EniState.Searching _,
                    EniState.Available _,
                    EniState.Attaching _,
                    EniState.Detaching _,
                    EniState.Deleting _ ->
                execute(
                        at.commands().getFirst(),
                        event -> drive(EniLifecycle.on(at.next(), event, agenda.instant()), done));
        }
    }

    private void execute(EniCommand command, Consumer<EniEvent> next) {
        switch (command) {
            case EniCommand.Create(EniOrder order, var vSwitch, int round) ->
                call(
                        () -> cloud.create(
                                order, vSwitch, order.operation().clientToken("create " + vSwitch + " " + round)),
                        result -> next.accept(
                                switch (result) {
                                    case CloudResult.Ok<NetworkInterface>(NetworkInterface eni) ->
                                        new EniEvent.Created(eni);
                                    case CloudResult.Failed<NetworkInterface>(CloudFailure failure) ->
                                        new EniEvent.CallFailed(failure);
                                }));
            case EniCommand.Find(OperationId operation, Duration after) ->
                later(after, () -> call(() -> CloudResult.ok(cloud.find(operation.value())), seen(next)));
            case EniCommand.Attach(EniId eni, var seat) -> call(() -> cloud.attach(eni, seat), accepted(next));
            case EniCommand.Detach(EniId eni, var _) -> call(() -> cloud.detach(eni), accepted(next));
            case EniCommand.Delete(EniId eni) -> call(() -> cloud.delete(eni), accepted(next));
            case EniCommand.Look(EniId eni, Duration after) ->
                later(after, () -> call(() -> CloudResult.ok(cloud.look(eni)), seen(next)));
        }
    }

    private static Consumer<CloudResult<Boolean>> accepted(Consumer<EniEvent> next) {
        return result -> next.accept(
                switch (result) {
                    case CloudResult.Ok<Boolean> _ -> new EniEvent.Accepted();
                    case CloudResult.Failed<Boolean>(CloudFailure failure) -> new EniEvent.CallFailed(failure);
                });
    }

    private static Consumer<CloudResult<Optional<NetworkInterface>>> seen(Consumer<EniEvent> next) {
        return result -> next.accept(
                switch (result) {
                    case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> eni) ->
                        eni.<EniEvent>map(EniEvent.Seen::new).orElseGet(EniEvent.Absent::new);
                    case CloudResult.Failed<Optional<NetworkInterface>>(CloudFailure failure) ->
                        new EniEvent.CallFailed(failure);
                });
    }

    /** One family after the other; what the first got is told though the second got nothing. */
    private void assign(OperationId id, PoolCommand.AssignAddresses assign, Consumer<OperationResult> done) {
        PoolCommand.Counts counts = assign.counts();
        assign(id, assign.eni(), Family.IPV4, counts.ipv4(), 1, ipv4 -> {
            if (ipv4 instanceof CloudResult.Ok<List<Ip>>(List<Ip> first)) {
                assign(id, assign.eni(), Family.IPV6, counts.ipv6(), 1, ipv6 -> assigned(first, ipv6, done));
            } else {
                assigned(List.of(), ipv4, done);
            }
        });
    }

    private static void assigned(List<Ip> first, CloudResult<List<Ip>> last, Consumer<OperationResult> done) {
        List<Ip> all = new ArrayList<>(first);
        switch (last) {
            case CloudResult.Ok<List<Ip>>(List<Ip> more) -> {
                all.addAll(more);
                done.accept(new OperationResult.Assigned(all));
            }
            case CloudResult.Failed<List<Ip>>(CloudFailure failure) ->
                done.accept(all.isEmpty() ? failed(failure) : new OperationResult.Assigned(all));
        }
    }

    private void assign(
            OperationId id, EniId eni, Family family, int count, int attempt, Consumer<CloudResult<List<Ip>>> done) {
        if (count == 0) {
            done.accept(CloudResult.ok(List.of()));
            return;
        }
        String token = id.clientToken("assign " + eni + " " + family);
        call(() -> cloud.assign(eni, family, count, token), result -> {
            boolean unknown = result instanceof CloudResult.Failed<List<Ip>>(CloudFailure.OutcomeUnknown _);
            if (unknown && attempt < 5) {
                assign(id, eni, family, count, attempt + 1, done);
            } else {
                done.accept(result);
            }
        });
    }

    private void unassign(
            PoolCommand.UnassignAddresses unassign, List<Ip> left, int attempt, Consumer<OperationResult> done) {
        call(() -> cloud.unassign(unassign.eni(), left), result -> {
            switch (result) {
                case CloudResult.Ok<Boolean> _ -> done.accept(new OperationResult.Removed());
                case CloudResult.Failed<Boolean>(CloudFailure failure) ->
                    later(
                            Duration.ofSeconds(1),
                            () -> call(() -> CloudResult.ok(cloud.look(unassign.eni())), seen -> {
                                List<Ip> still = new ArrayList<>(left);
                                if (seen instanceof CloudResult.Ok<Optional<NetworkInterface>>(var eni)) {
                                    still.retainAll(
                                            eni.map(NetworkInterface::addresses).orElse(List.of()));
                                }
                                if (still.isEmpty()) {
                                    done.accept(new OperationResult.Removed());
                                } else if (attempt < 3) {
                                    unassign(unassign, still, attempt + 1, done);
                                } else {
                                    done.accept(failed(failure));
                                }
                            }));
            }
        });
    }

    /** One operation per ENI at a time (rule 12). */
    private void locked(EniId eni, Consumer<OperationResult> done, Consumer<Consumer<OperationResult>> work) {
        Deque<Runnable> waiting = locks.get(eni);
        Runnable turn = () -> work.accept(result -> {
            unlock(eni);
            done.accept(result);
        });
        if (waiting == null) {
            locks.put(eni, new ArrayDeque<>());
            turn.run();
        } else {
            waiting.add(turn);
        }
    }

    private void unlock(EniId eni) {
        Runnable next = locks.get(eni).poll();
        if (next == null) {
            locks.remove(eni);
        } else {
            next.run();
        }
    }

    private void later(Duration after, Runnable work) {
        int mine = life;
        agenda.after(after.toMillis(), () -> {
            if (mine == life) {
                work.run();
            }
        });
    }

    /** A call takes time; it may be throttled, fail, or happen without an answer. */
    private <T> void call(Supplier<CloudResult<T>> effect, Consumer<CloudResult<T>> answer) {
        int mine = life;
        long takes = weather.between(20, 400);
        if (weather.strikes(0.03)) {
            reply(mine, takes, CloudResult.failed(new CloudFailure.Throttled("Throttling", "slow down")), answer);
        } else if (weather.strikes(0.02)) {
            reply(mine, takes, CloudResult.failed(new CloudFailure.Transient("ServiceUnavailable", "503")), answer);
        } else {
            boolean lost = weather.strikes(0.03);
            agenda.after(takes / 2, () -> {
                CloudResult<T> result = effect.get();
                CloudResult<T> told = lost
                        ? CloudResult.failed(new CloudFailure.OutcomeUnknown("Timeout", "no answer came"))
                        : result;
                reply(mine, takes / 2, told, answer);
            });
        }
    }

    private <T> void reply(int mine, long after, CloudResult<T> result, Consumer<CloudResult<T>> answer) {
        agenda.after(after, () -> {
            if (mine == life) {
                answer.accept(result);
            }
        });
    }

    private static OperationResult failed(CloudFailure failure) {
        FailureClass why = switch (failure) {
            case CloudFailure.Throttled _ -> FailureClass.THROTTLED;
            case CloudFailure.QuotaReached _ -> FailureClass.QUOTA;
            case CloudFailure.VSwitchExhausted _ -> FailureClass.V_SWITCH_EXHAUSTED;
            case CloudFailure.Busy _, CloudFailure.WrongState _ -> FailureClass.CONFLICT;
            case CloudFailure.NotFound _ -> FailureClass.NOT_FOUND;
            case CloudFailure.Forbidden _, CloudFailure.NotOurs _ -> FailureClass.FORBIDDEN;
            case CloudFailure.Invalid _, CloudFailure.DryRunPassed _ -> FailureClass.INVALID;
            case CloudFailure.Transient _,
                    CloudFailure.OutcomeUnknown _,
                    CloudFailure.TokenBurnt _,
                    CloudFailure.AlreadyThere _,
                    CloudFailure.AlreadyGone _ -> FailureClass.TRANSIENT;
            case CloudFailure.Unrecognised _ -> FailureClass.UNKNOWN;
        };
        return new OperationResult.Failed(why, failure.message(), Duration.ZERO);
    }
}
