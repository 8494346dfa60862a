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
import io.terway.eni.k8s.Leader;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** Reads the cloud into the {@link Inventory}: all our ENIs by tag, page by page, never node by node. */
public final class InventoryReader implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(InventoryReader.class);

    /** Pages of one listing; 500 ENIs each. */
    private static final int MAX_PAGES = 400;

    private static final int INSTANCES_PER_CALL = 100;
    private static final int TYPES_PER_CALL = 10;

    private final Cloud cloud;
    private final ClusterTags tags;
    private final Inventory inventory;
    private final Leader leader;
    private final Duration every;
    private final Duration ttl;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long heartbeatNanos = System.nanoTime();

    /**
     * Starts reading.
     *
     * @param every pause between two listings
     * @param ttl how long instances and their state are believed
     */
    InventoryReader(Cloud cloud, ClusterTags tags, Inventory inventory, Leader leader, Duration every, Duration ttl) {
        this.cloud = cloud;
        this.tags = tags;
        this.inventory = inventory;
        this.leader = leader;
        this.every = every;
        this.ttl = ttl;
        thread = Thread.ofVirtual().name("inventory").unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    /** Reads now instead of after the pause. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    /** Time since the loop last turned. */
    public Duration idle() {
        return Duration.ofNanos(System.nanoTime() - heartbeatNanos);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void loop() {
        long term = 0;
        while (!closed) {
            heartbeatNanos = System.nanoTime();
            long now = leader.term();
            if (now != 0 && now != term) {
                inventory.reset();
            }
            term = now;
            boolean done = now == 0 || read();
            Duration pause = !done ? Duration.ofSeconds(1) : now == 0 ? Duration.ofSeconds(1) : every;
            LockSupport.parkNanos(pause.toNanos());
        }
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
        long begun = System.nanoTime();
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
                inventory.listed(all, begun);
                return Optional.empty();
            }
        }
        return Optional.of(new CloudFailure.Invalid("TooManyPages", "more than " + MAX_PAGES + " pages of ENIs"));
    }

    private Optional<CloudFailure> readInstances() {
        List<InstanceId> due = inventory.toRead(ttl);
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
        long begun = System.nanoTime();
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
