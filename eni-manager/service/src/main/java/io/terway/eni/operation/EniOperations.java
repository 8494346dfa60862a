package io.terway.eni.operation;

import io.terway.eni.Attachment;
import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.ClusterTags;
import io.terway.eni.EniLifecycle;
import io.terway.eni.EniOrder;
import io.terway.eni.EniStatus;
import io.terway.eni.NetworkInterface;
import io.terway.eni.Seat;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.time.Time;
import io.terway.eni.time.Turns;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** ENIs as a whole: made, moved, changed, taken away. One call after the other for one ENI. */
public final class EniOperations {

    private static final Logger LOG = Logger.getLogger(EniOperations.class);

    /** Time an operation may take, whatever its caller's deadline. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Cloud cloud;
    private final Ownership ownership;
    private final Inventory inventory;
    private final VSwitches vSwitches;
    private final EniDriver driver;
    private final Sightings sightings;
    private final Turns<EniId> locks;
    private final CloudMetrics metrics;
    private final Time time;

    EniOperations(
            Cloud cloud,
            Ownership ownership,
            Inventory inventory,
            VSwitches vSwitches,
            Sightings sightings,
            Turns<EniId> locks,
            CloudMetrics metrics,
            Time time) {
        this.cloud = cloud;
        this.ownership = ownership;
        this.inventory = inventory;
        this.vSwitches = vSwitches;
        this.sightings = sightings;
        this.locks = locks;
        this.metrics = metrics;
        this.time = time;
        driver = new EniDriver(cloud, ownership, inventory, vSwitches, sightings, time);
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
        long start = time.nanos();
        EniOrder open = order.withVSwitches(vSwitches.choose(order.vSwitches()));
        boolean suspicious = again || inventory.maybeBegun(order.operation());
        EniOutcome outcome =
                driver.drive(EniLifecycle.order(open, suspicious, time.now().plus(PATIENCE)));
        switch (outcome) {
            case EniOutcome.Ready(NetworkInterface eni) -> {
                metrics.eniCreated(Duration.ofNanos(time.nanos() - start));
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

    /** Deletes an ENI that nobody uses, unless a last look shows that somebody does. */
    public EniOutcome collect(EniId id) {
        return onOurs(id, eni -> {
            boolean unused = eni.status() == EniStatus.AVAILABLE
                    && !eni.tags().containsKey(ClusterTags.KEPT)
                    && eni.attachment() instanceof Attachment.Detached;
            return unused ? removeSeen(eni) : new EniOutcome.Ready(eni);
        });
    }

    private EniOutcome gone(EniId id) {
        inventory.removed(id);
        return new EniOutcome.Removed(id);
    }

    private EniOutcome removeSeen(NetworkInterface eni) {
        if (!ownership.ours(eni)) {
            return new EniOutcome.NotDone(notOurs(eni.id(), ownership));
        }
        return driver.drive(EniLifecycle.remove(eni, time.now().plus(PATIENCE)));
    }

    /** Attaches an ENI of ours that is Available. Blocks until it is in use there; the ENI stays whatever happens. */
    public EniOutcome attach(EniId id, Seat seat) {
        return onOurs(id, eni -> {
            EniOutcome outcome =
                    driver.drive(EniLifecycle.attach(eni, seat, time.now().plus(PATIENCE)));
            return outcome instanceof EniOutcome.Ready ready ? kept(ready, false) : outcome;
        });
    }

    /**
     * Detaches an ENI of ours and keeps it. Blocks until it is Available. The mark that keeps leak collection away is put
     * on first: between the two calls the ENI is attached, which keeps it away too.
     */
    public EniOutcome detach(EniId id, InstanceId from) {
        return onOurs(id, eni -> switch (kept(new EniOutcome.Ready(eni), true)) {
            case EniOutcome.NotDone refused -> refused;
            case EniOutcome.Ready(NetworkInterface marked) ->
                driver.drive(EniLifecycle.detach(marked, from, time.now().plus(PATIENCE)));
            case EniOutcome.Removed removed -> removed;
        });
    }

    /** Changes the security groups of an ENI of ours. */
    public EniOutcome modify(EniId id, List<SecurityGroupId> groups) {
        return onOurs(id, eni -> {
            if (Set.copyOf(eni.groups()).equals(Set.copyOf(groups))) {
                return new EniOutcome.Ready(eni);
            }
            return switch (LeadershipLost.unlessLost(cloud.setSecurityGroups(id, groups))) {
                case CloudResult.Ok<Done> _ -> changed(eni.withGroups(groups));
                case CloudResult.Failed<Done>(CloudFailure failure) ->
                    sightings.look(id, Duration.ZERO) instanceof CloudResult.Ok<Optional<NetworkInterface>>(var seen)
                                    && seen.isPresent()
                                    && Set.copyOf(seen.get().groups()).equals(Set.copyOf(groups))
                            ? changed(seen.get())
                            : new EniOutcome.NotDone(failure);
            };
        });
    }

    private EniOutcome changed(NetworkInterface eni) {
        inventory.seen(eni);
        return new EniOutcome.Ready(eni);
    }

    /** Puts the mark of a kept ENI on or takes it off, unless it is so already. */
    private EniOutcome kept(EniOutcome.Ready ready, boolean wanted) {
        NetworkInterface eni = ready.eni();
        if (eni.tags().containsKey(ClusterTags.KEPT) == wanted) {
            return ready;
        }
        Map<String, String> tagged = new HashMap<>(eni.tags());
        CloudResult<Done> result;
        if (wanted) {
            tagged.put(ClusterTags.KEPT, "true");
            result = cloud.tag(eni.id(), Map.of(ClusterTags.KEPT, "true"));
        } else {
            tagged.remove(ClusterTags.KEPT);
            result = cloud.untag(eni.id(), List.of(ClusterTags.KEPT));
        }
        return switch (LeadershipLost.unlessLost(result)) {
            case CloudResult.Ok<Done> _ -> changed(eni.withTags(tagged));
            // What is attached works with the mark too; it is taken off the next time.
            case CloudResult.Failed<Done>(CloudFailure failure) -> wanted ? new EniOutcome.NotDone(failure) : ready;
        };
    }

    private EniOutcome onOurs(EniId id, Function<NetworkInterface, EniOutcome> work) {
        return locks.with(id, () -> switch (sightings.look(id, Duration.ZERO)) {
            case CloudResult.Failed<Optional<NetworkInterface>>(CloudFailure failure) ->
                new EniOutcome.NotDone(failure);
            case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> seen) -> {
                if (seen.isEmpty()) {
                    yield new EniOutcome.NotDone(new CloudFailure.NotFound(
                            "InvalidEniId.NotFound", id + " does not exist; read the instance again"));
                }
                yield ownership.ours(seen.get())
                        ? work.apply(seen.get())
                        : new EniOutcome.NotDone(notOurs(id, ownership));
            }
        });
    }

    static CloudFailure notOurs(EniId eni, Ownership ownership) {
        return new CloudFailure.NotOurs(
                "NotOurs",
                eni + " does not carry the tag " + ownership.tags().mark()
                        + ", or is kept out by eni_tag_filter or eni_tag_block_list; only ENIs of this cluster are changed");
    }
}
