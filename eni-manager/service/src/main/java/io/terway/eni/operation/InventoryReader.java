package io.terway.eni.operation;

import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.ClusterTags;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniPage;
import io.terway.eni.EniQuery;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import io.terway.eni.Tuning;
import io.terway.eni.k8s.Leader;
import io.terway.eni.time.Time;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Reads the cloud into the {@link Inventory}: all our ENIs by tag, page by page, never node by node. */
public final class InventoryReader implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(InventoryReader.class);

    /** Pages of one listing; 500 ENIs each. */
    private static final int MAX_PAGES = 400;

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int INSTANCES_PER_CALL = 100;
    private static final int TYPES_PER_CALL = 10;

    /** Describes a second that listings may cost, for every thousand instances. */
    private static final double CALLS_PER_SECOND = 0.06;

    private static final int THOUSAND = 1_000;

    private final Cloud cloud;
    private final ClusterTags tags;
    private final Inventory inventory;
    private final Leader leader;
    private final Supplier<Tuning> tuning;
    private final Time time;
    private final Consumer<List<NetworkInterface>> listings;
    private volatile boolean closed;
    private volatile long heartbeatNanos;
    private volatile int pages = 1;
    private volatile CompletableFuture<Void> woken = new CompletableFuture<>();

    /** @param listings gets each complete listing of our ENIs */
    InventoryReader(
            Cloud cloud,
            ClusterTags tags,
            Inventory inventory,
            Leader leader,
            Supplier<Tuning> tuning,
            Time time,
            Consumer<List<NetworkInterface>> listings) {
        this.cloud = cloud;
        this.tags = tags;
        this.inventory = inventory;
        this.leader = leader;
        this.tuning = tuning;
        this.time = time;
        this.listings = listings;
        heartbeatNanos = time.nanos();
    }

    void start() {
        time.start("inventory", this::loop);
    }

    /** Reads now instead of after the pause. */
    public void wake() {
        woken.complete(null);
    }

    /** Time since the loop last turned. */
    public Duration idle() {
        return Duration.ofNanos(time.nanos() - heartbeatNanos);
    }

    @Override
    public void close() {
        closed = true;
        wake();
    }

    private void loop() {
        long term = 0;
        while (!closed) {
            heartbeatNanos = time.nanos();
            long now = leader.term();
            if (now != 0 && now != term) {
                inventory.reset();
                listings.accept(List.of());
            }
            term = now;
            boolean read = now != 0 && read();
            CompletableFuture<Void> alarm = woken;
            time.await(alarm, read ? pause() : RETRY);
            if (alarm.isDone()) {
                woken = new CompletableFuture<>();
            }
        }
    }

    /**
     * The configured pause; longer where a listing has many pages, so that an idle cluster stays within
     * {@link #CALLS_PER_SECOND}.
     */
    private Duration pause() {
        Duration configured = tuning.get().cache().addresses();
        if (pages < 2) {
            return configured;
        }
        double thousands = Math.max(1, inventory.ids().size() / (double) THOUSAND);
        Duration budget = Duration.ofMillis((long) (pages / (CALLS_PER_SECOND * thousands) * THOUSAND));
        return budget.compareTo(configured) > 0 ? budget : configured;
    }

    /** One round; false when the cloud failed it. A failed or empty answer removes nothing it did not list. */
    private boolean read() {
        Optional<CloudFailure> failure = readEnis().or(this::readInstances).or(this::readLimits);
        if (failure.isPresent()) {
            LOG.warnf(
                    "the cloud was not read: %s %s",
                    failure.get().code(), failure.get().message());
            return false;
        }
        inventory.fullListRead();
        return true;
    }

    private Optional<CloudFailure> readEnis() {
        long begun = time.nanos();
        List<NetworkInterface> all = new ArrayList<>();
        String next = "";
        for (int page = 0; page < MAX_PAGES; page++) {
            switch (cloud.interfaces(new EniQuery.Tagged(ClusterTags.CLUSTER, tags.clusterId(), next))) {
                case CloudResult.Failed<EniPage>(CloudFailure failure) -> {
                    return Optional.of(failure);
                }
                case CloudResult.Ok<EniPage>(EniPage read) -> {
                    all.addAll(read.enis());
                    next = read.nextToken();
                }
            }
            if (next.isEmpty()) {
                pages = page + 1;
                inventory.listed(all, begun);
                listings.accept(all);
                return Optional.empty();
            }
        }
        return Optional.of(new CloudFailure.Invalid("TooManyPages", "more than " + MAX_PAGES + " pages of ENIs"));
    }

    private Optional<CloudFailure> readInstances() {
        List<InstanceId> due = inventory.toRead(tuning.get().cache().instances());
        for (int from = 0; from < due.size(); from += INSTANCES_PER_CALL) {
            List<InstanceId> some = due.subList(from, Math.min(due.size(), from + INSTANCES_PER_CALL));
            switch (cloud.instances(some)) {
                case CloudResult.Failed<List<ComputeInstance>>(CloudFailure failure) -> {
                    return Optional.of(failure);
                }
                case CloudResult.Ok<List<ComputeInstance>>(List<ComputeInstance> read) -> took(some, read);
            }
        }
        return Optional.empty();
    }

    /** Without permission the cloud answers an empty list: absence counts only beside a presence. */
    private void took(List<InstanceId> asked, List<ComputeInstance> read) {
        Set<InstanceId> missing = new HashSet<>(asked);
        read.forEach(instance -> {
            missing.remove(instance.id());
            inventory.read(instance);
        });
        if (!read.isEmpty()) {
            missing.forEach(inventory::missed);
        }
    }

    private Optional<CloudFailure> readLimits() {
        List<InstanceType> types = List.copyOf(inventory.typesWithoutLimits());
        for (int from = 0; from < types.size(); from += TYPES_PER_CALL) {
            List<InstanceType> some = types.subList(from, Math.min(types.size(), from + TYPES_PER_CALL));
            switch (cloud.instanceTypes(some)) {
                case CloudResult.Failed<List<InstanceLimits>>(CloudFailure failure) -> {
                    return Optional.of(failure);
                }
                case CloudResult.Ok<List<InstanceLimits>>(List<InstanceLimits> read) -> inventory.limits(read);
            }
        }
        return Optional.empty();
    }

    /**
     * One instance. From memory when all its ENIs were listed before, unless {@code fresh}; else read with all of them.
     * Empty when the cloud lists no such instance.
     */
    public CloudResult<Optional<InstanceView>> describe(InstanceId id, boolean fresh) {
        Optional<InstanceView> known = inventory.view(id);
        if (known.isPresent() && !fresh && known.get().hasPrimary()) {
            return CloudResult.ok(known);
        }
        long begun = time.nanos();
        return switch (cloud.instances(List.of(id))) {
            case CloudResult.Failed<List<ComputeInstance>>(CloudFailure failure) -> CloudResult.failed(failure);
            case CloudResult.Ok<List<ComputeInstance>>(List<ComputeInstance> read) -> {
                if (read.isEmpty()) {
                    yield CloudResult.ok(Optional.empty());
                }
                inventory.read(read.getFirst());
                Optional<CloudFailure> failure = readEnisOf(id, begun).or(this::readLimits);
                yield failure.isPresent() ? CloudResult.failed(failure.get()) : CloudResult.ok(inventory.view(id));
            }
        };
    }

    private Optional<CloudFailure> readEnisOf(InstanceId id, long begun) {
        return switch (cloud.interfaces(new EniQuery.OnInstance(id))) {
            case CloudResult.Failed<EniPage>(CloudFailure failure) -> Optional.of(failure);
            case CloudResult.Ok<EniPage>(EniPage page) -> {
                inventory.listedOn(id, page.enis(), begun);
                yield Optional.empty();
            }
        };
    }
}
