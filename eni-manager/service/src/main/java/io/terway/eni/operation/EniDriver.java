package io.terway.eni.operation;

import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.ClusterTags;
import io.terway.eni.CreateCall;
import io.terway.eni.EniCommand;
import io.terway.eni.EniEvent;
import io.terway.eni.EniLifecycle;
import io.terway.eni.EniOrder;
import io.terway.eni.EniPage;
import io.terway.eni.EniQuery;
import io.terway.eni.EniState;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.Transition;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.time.Time;
import io.terway.net.EniId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.util.Optional;

/** Carries out what {@link EniLifecycle} decides: one command, one call, one event, until the state is terminal. */
final class EniDriver {

    private final Cloud cloud;
    private final Ownership ownership;
    private final Inventory inventory;
    private final VSwitches vSwitches;
    private final Sightings sightings;
    private final Time time;

    EniDriver(
            Cloud cloud,
            Ownership ownership,
            Inventory inventory,
            VSwitches vSwitches,
            Sightings sightings,
            Time time) {
        this.cloud = cloud;
        this.ownership = ownership;
        this.inventory = inventory;
        this.vSwitches = vSwitches;
        this.sightings = sightings;
        this.time = time;
    }

    EniOutcome drive(Transition first) {
        Transition at = first;
        while (!at.next().terminal()) {
            EniEvent event = execute(at.commands().getFirst());
            at = EniLifecycle.on(at.next(), event, time.now());
        }
        return switch (at.next()) {
            case EniState.InUse(NetworkInterface eni) -> {
                inventory.seen(eni);
                yield new EniOutcome.Ready(eni);
            }
            case EniState.Parked(NetworkInterface eni) -> {
                inventory.seen(eni);
                yield new EniOutcome.Ready(eni);
            }
            case EniState.Gone(EniId eni) -> {
                inventory.removed(eni);
                yield new EniOutcome.Removed(eni);
            }
            case EniState.Failed(CloudFailure cause) -> new EniOutcome.NotDone(cause);
            case EniState.Creating _,
                    EniState.Searching _,
                    EniState.Available _,
                    EniState.Attaching _,
                    EniState.Detaching _,
                    EniState.Deleting _ -> throw new IllegalStateException("not terminal: " + at.next());
        };
    }

    private EniEvent execute(EniCommand command) {
        return switch (command) {
            case EniCommand.Create(EniOrder order, VSwitchId vSwitch, int round) -> create(order, vSwitch, round);
            case EniCommand.Find(OperationId operation, Duration after) -> find(operation, after);
            case EniCommand.Attach(EniId eni, Seat seat) -> event(cloud.attach(eni, seat));
            case EniCommand.Detach(EniId eni, Seat seat) -> event(cloud.detach(eni, seat));
            case EniCommand.Delete(EniId eni) -> event(cloud.delete(eni));
            case EniCommand.Look(EniId eni, Duration after) -> seen(sightings.look(eni, after));
        };
    }

    private EniEvent create(EniOrder order, VSwitchId vSwitch, int round) {
        CreateCall call = new CreateCall(
                vSwitch,
                order.groups(),
                order.counts(),
                ownership.tags().forOperation(order.operation(), ownership.extra(order.tags())),
                order.resourceGroup(),
                order.type(),
                order.operation().clientToken("create " + vSwitch + " " + round));
        return switch (LeadershipLost.unlessLost(cloud.create(call))) {
            case CloudResult.Ok<NetworkInterface>(NetworkInterface eni) -> {
                vSwitches.used(vSwitch, order.counts().ipv4Taken());
                yield new EniEvent.Created(eni);
            }
            case CloudResult.Failed<NetworkInterface>(CloudFailure failure) -> {
                if (failure instanceof CloudFailure.VSwitchExhausted) {
                    vSwitches.exhausted(vSwitch);
                }
                yield new EniEvent.CallFailed(failure);
            }
        };
    }

    private EniEvent find(OperationId operation, Duration after) {
        time.sleep(after);
        EniQuery query = new EniQuery.Tagged(ClusterTags.OPERATION, operation.value(), "");
        return seen(cloud.interfaces(query).map(page -> ours(page, operation)));
    }

    private Optional<NetworkInterface> ours(EniPage page, OperationId operation) {
        return page.enis().stream()
                .filter(eni -> ownership
                        .tags()
                        .operationOf(eni)
                        .filter(operation.value()::equals)
                        .isPresent())
                .findFirst();
    }

    private static EniEvent event(CloudResult<Done> result) {
        return switch (LeadershipLost.unlessLost(result)) {
            case CloudResult.Ok<Done> _ -> new EniEvent.Accepted();
            case CloudResult.Failed<Done>(CloudFailure failure) -> new EniEvent.CallFailed(failure);
        };
    }

    private static EniEvent seen(CloudResult<Optional<NetworkInterface>> result) {
        return switch (result) {
            case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> eni) ->
                eni.<EniEvent>map(EniEvent.Seen::new).orElseGet(EniEvent.Absent::new);
            case CloudResult.Failed<Optional<NetworkInterface>>(CloudFailure failure) ->
                new EniEvent.CallFailed(failure);
        };
    }
}
