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
import io.terway.eni.Transition;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** Carries out what {@link EniLifecycle} decides: one command, one call, one event, until the state is terminal. */
public final class EniOperations {

    private static final Logger LOG = Logger.getLogger(EniOperations.class);

    /** Time an operation may take, whatever its caller's deadline. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Cloud cloud;
    private final ClusterTags tags;
    private final Inventory inventory;
    private final VSwitches vSwitches;
    private final Sightings sightings;
    private final EniLocks locks;
    private final CloudMetrics metrics;

    EniOperations(
            Cloud cloud,
            ClusterTags tags,
            Inventory inventory,
            VSwitches vSwitches,
            Sightings sightings,
            EniLocks locks,
            CloudMetrics metrics) {
        this.cloud = cloud;
        this.tags = tags;
        this.inventory = inventory;
        this.vSwitches = vSwitches;
        this.sightings = sightings;
        this.locks = locks;
        this.metrics = metrics;
    }

    /** What became of an order or a removal. */
    public sealed interface EniOutcome {

        record Ready(NetworkInterface eni) implements EniOutcome {}

        record Removed(EniId eni) implements EniOutcome {}

        record NotDone(CloudFailure failure) implements EniOutcome {}

        /** True when a repeat of the operation shall get this outcome again. */
        default boolean lasting() {
            return switch (this) {
                case Ready _, Removed _ -> true;
                case NotDone _ -> false;
            };
        }
    }

    /**
     * Creates and attaches an ENI. Blocks until it is in use or has failed.
     *
     * @param again true when this operation may have been begun before
     */
    public EniOutcome create(EniOrder order, boolean again) {
        long start = System.nanoTime();
        EniOrder open = new EniOrder(
                order.operation(),
                order.instance(),
                vSwitches.choose(order.vSwitches()),
                order.groups(),
                order.ipv4Count(),
                order.ipv6Count(),
                order.tags(),
                order.resourceGroup(),
                order.type());
        boolean suspicious = again || inventory.maybeBegun(order.operation());
        EniOutcome outcome =
                drive(EniLifecycle.order(open, suspicious, Instant.now().plus(PATIENCE)));
        switch (outcome) {
            case EniOutcome.Ready(NetworkInterface eni) -> {
                metrics.eniCreated(Duration.ofNanos(System.nanoTime() - start));
                LOG.infof(
                        "%s is in use on %s with %d addresses",
                        eni.id(), order.instance(), eni.addresses().size());
            }
            case EniOutcome.NotDone(CloudFailure failure) ->
                LOG.warnf("no ENI for %s: %s %s", order.instance(), failure.code(), failure.message());
            case EniOutcome.Removed _ -> {}
        }
        return outcome;
    }

    /** Detaches and deletes an ENI of ours. Blocks until the cloud no longer lists it. Absent already is success. */
    public EniOutcome remove(EniId id) {
        return locks.with(id, () -> switch (sightings.look(id, Duration.ZERO)) {
            case CloudResult.Failed<Optional<NetworkInterface>>(CloudFailure failure) ->
                new EniOutcome.NotDone(failure);
            case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> seen) ->
                seen.isEmpty() ? gone(id) : removeSeen(seen.get());
        });
    }

    private EniOutcome gone(EniId id) {
        inventory.removed(id);
        return new EniOutcome.Removed(id);
    }

    private EniOutcome removeSeen(NetworkInterface eni) {
        if (!tags.owns(eni)) {
            return new EniOutcome.NotDone(notOurs(eni.id(), tags));
        }
        InstanceId on = eni.attachment().instance().orElse(new InstanceId("none"));
        return drive(EniLifecycle.remove(eni, on, Instant.now().plus(PATIENCE)));
    }

    static CloudFailure notOurs(EniId eni, ClusterTags tags) {
        return new CloudFailure.NotOurs(
                "NotOurs",
                eni + " does not carry the tag " + ClusterTags.CLUSTER + "=" + tags.clusterId()
                        + "; only ENIs of this cluster are changed");
    }

    private EniOutcome drive(Transition first) {
        Transition at = first;
        while (!at.next().terminal()) {
            EniEvent event = execute(at.commands().getFirst());
            at = EniLifecycle.on(at.next(), event, Instant.now());
        }
        return switch (at.next()) {
            case EniState.InUse(NetworkInterface eni) -> {
                inventory.seen(eni);
                yield new EniOutcome.Ready(eni);
            }
            case EniState.Gone(EniId eni) -> gone(eni);
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
            case EniCommand.Attach(EniId eni, InstanceId instance) -> event(cloud.attach(eni, instance));
            case EniCommand.Detach(EniId eni, InstanceId instance) -> event(cloud.detach(eni, instance));
            case EniCommand.Delete(EniId eni) -> event(cloud.delete(eni));
            case EniCommand.Look(EniId eni, Duration after) -> seen(sightings.look(eni, after));
        };
    }

    private EniEvent create(EniOrder order, VSwitchId vSwitch, int round) {
        CreateCall call = new CreateCall(
                vSwitch,
                order.groups(),
                order.ipv4Count(),
                order.ipv6Count(),
                tags.forOperation(order.operation(), order.tags()),
                order.resourceGroup(),
                order.type(),
                order.operation().clientToken("create " + vSwitch + " " + round));
        return switch (LeadershipLost.unlessLost(cloud.create(call))) {
            case CloudResult.Ok<NetworkInterface>(NetworkInterface eni) -> {
                vSwitches.used(vSwitch, 1 + order.ipv4Count());
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
        LockSupport.parkNanos(after.toNanos());
        EniQuery query = new EniQuery.Tagged(ClusterTags.OPERATION, operation.value(), "");
        return seen(cloud.interfaces(query).map(page -> ours(page, operation)));
    }

    private Optional<NetworkInterface> ours(EniPage page, OperationId operation) {
        return page.enis().stream()
                .filter(eni ->
                        tags.operationOf(eni).filter(operation.value()::equals).isPresent())
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
