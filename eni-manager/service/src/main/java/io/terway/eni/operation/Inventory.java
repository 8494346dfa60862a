package io.terway.eni.operation;

import io.terway.eni.ClusterTags;
import io.terway.eni.ComputeInstance;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.time.Time;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * What the cloud last showed of our instances and ENIs, changed at once by our own operations. No I/O; any thread.
 * Bounded by {@link #MAX_INSTANCES} and the cloud's ENIs per instance.
 */
public final class Inventory {

    private static final Logger LOG = Logger.getLogger(Inventory.class);
    /** Instances kept; later ones are served from the cloud without memory. */
    static final int MAX_INSTANCES = 20_000;

    /** A released instance is shown for this long, then forgotten. */
    static final Duration RELEASED_KEPT = Duration.ofHours(1);

    /** For this long after taking over, an earlier leader's create may not be listed yet. */
    static final Duration SETTLE = Duration.ofSeconds(60);

    /** {@code releasedAtNanos}: when it was first seen to be released; means nothing before. */
    private record Tracked(ComputeInstance instance, long readAtNanos, int missed, long releasedAtNanos) {
        boolean released() {
            return missed >= MISSES;
        }
    }

    /** How long a listing may lag behind one of our own changes. */
    static final Duration GRACE = Duration.ofSeconds(3);

    /** Listings in a row that must leave an ENI out before it counts as gone. */
    static final int MISSES = 2;

    /** {@code touchedNanos}: when an operation of ours last changed it or saw it changed. */
    private record Sighting(NetworkInterface eni, long touchedNanos, int missed) {}

    private final ClusterTags tags;
    private final Time time;

    // all guarded by this
    private final Map<InstanceId, Tracked> instances = new HashMap<>();
    private final Map<EniId, Sighting> enis = new HashMap<>();
    private final Map<InstanceId, Set<EniId>> enisOf = new HashMap<>();
    private final Map<InstanceType, InstanceLimits> limits = new HashMap<>();
    private final Set<Consumer<InstanceId>> listeners = new HashSet<>();
    private long ledSinceNanos;
    private boolean synced;
    private boolean full;

    public Inventory(ClusterTags tags, Time time) {
        this.tags = tags;
        this.time = time;
        ledSinceNanos = time.nanos();
    }

    /** Forgets everything: a new term begins, and what another leader changed is not known. */
    synchronized void reset() {
        instances.clear();
        enis.clear();
        enisOf.clear();
        synced = false;
        ledSinceNanos = time.nanos();
    }

    /** True once the full list of this term was read. */
    public synchronized boolean synced() {
        return synced;
    }

    /** True when an operation of this id may have made an ENI already. */
    synchronized boolean maybeBegun(OperationId operation) {
        boolean young = time.nanos() - ledSinceNanos < SETTLE.toNanos();
        return !synced
                || young
                || enis.values().stream()
                        .anyMatch(seen -> tags.operationOf(seen.eni())
                                .filter(operation.value()::equals)
                                .isPresent());
    }

    public synchronized Optional<NetworkInterface> find(EniId id) {
        return Optional.ofNullable(enis.get(id)).map(Sighting::eni);
    }

    /** An instance with its ENIs; empty when it, or its type's limits, were never read. */
    public synchronized Optional<InstanceView> view(InstanceId id) {
        Tracked tracked = instances.get(id);
        InstanceLimits limit = tracked == null ? null : limits.get(tracked.instance.type());
        if (limit == null) {
            return Optional.empty();
        }
        List<NetworkInterface> attached = enisOf.getOrDefault(id, Set.of()).stream()
                .sorted()
                .map(eni -> enis.get(eni).eni())
                .toList();
        return Optional.of(new InstanceView(tracked.instance, limit, attached, tracked.released()));
    }

    public synchronized Set<InstanceId> ids() {
        return Set.copyOf(instances.keySet());
    }

    public synchronized Collection<ComputeInstance> instances() {
        return instances.values().stream().map(tracked -> tracked.instance).toList();
    }

    /** Called with each instance that changed, under a lock: must only take a note. */
    public synchronized void listen(Consumer<InstanceId> listener) {
        listeners.add(listener);
    }

    public synchronized void unlisten(Consumer<InstanceId> listener) {
        listeners.remove(listener);
    }

    /** An ENI as an operation of ours saw it last: newer than any listing under way. */
    synchronized void seen(NetworkInterface eni) {
        put(eni, time.nanos());
    }

    private void put(NetworkInterface eni, long touchedNanos) {
        Sighting before = enis.put(eni.id(), new Sighting(eni, touchedNanos, 0));
        Optional<InstanceId> was =
                before == null ? Optional.empty() : before.eni().attachment().instance();
        Optional<InstanceId> is = eni.attachment().instance();
        if (!was.equals(is)) {
            was.ifPresent(id -> enisOf.getOrDefault(id, new HashSet<>()).remove(eni.id()));
            is.ifPresent(id -> enisOf.computeIfAbsent(id, _ -> new HashSet<>()).add(eni.id()));
        }
        if (before == null || !before.eni().equals(eni)) {
            was.filter(on -> !is.equals(Optional.of(on))).ifPresent(this::notify);
            is.ifPresent(this::notify);
        }
    }

    synchronized void removed(EniId id) {
        Sighting before = enis.remove(id);
        if (before != null) {
            before.eni().attachment().instance().ifPresent(on -> {
                enisOf.getOrDefault(on, new HashSet<>()).remove(id);
                notify(on);
            });
        }
    }

    /** An operation of ours changed something of an ENI. */
    synchronized void changed(EniId id, UnaryOperator<NetworkInterface> change) {
        Sighting before = enis.get(id);
        if (before != null) {
            seen(change.apply(before.eni()));
        }
    }

    /** A full listing of our ENIs that began at this time. */
    synchronized void listed(List<NetworkInterface> ours, long begunNanos) {
        List<Sighting> expected =
                enis.values().stream().filter(known -> tags.owns(known.eni())).toList();
        take(ours, expected, begunNanos);
    }

    /** A listing of all ENIs of one instance, ours and others', that began at this time. */
    synchronized void listedOn(InstanceId instance, List<NetworkInterface> all, long begunNanos) {
        List<Sighting> expected =
                enisOf.getOrDefault(instance, Set.of()).stream().map(enis::get).toList();
        take(all, expected, begunNanos);
    }

    /** A listing may be older than what an operation saw, and may leave out what is there: both need patience. */
    private void take(List<NetworkInterface> listed, List<Sighting> expected, long begunNanos) {
        long settled = begunNanos - GRACE.toNanos();
        Set<EniId> shown = new HashSet<>();
        for (NetworkInterface eni : listed) {
            shown.add(eni.id());
            Sighting known = enis.get(eni.id());
            if (known == null || known.touchedNanos() - settled < 0) {
                put(eni, known == null ? settled - 1 : known.touchedNanos());
            }
        }
        for (Sighting known : expected) {
            EniId id = known.eni().id();
            if (!shown.contains(id) && known.touchedNanos() - settled < 0) {
                if (known.missed() + 1 >= MISSES) {
                    removed(id);
                } else {
                    enis.put(id, new Sighting(known.eni(), known.touchedNanos(), known.missed() + 1));
                }
            }
        }
    }

    synchronized void fullListRead() {
        synced = true;
        forgetReleased(time.nanos(), RELEASED_KEPT);
    }

    /** Forgets instances that were released this long ago and have no ENI of ours left. */
    synchronized void forgetReleased(long nowNanos, Duration ago) {
        enisOf.values().removeIf(Set::isEmpty);
        instances
                .entrySet()
                .removeIf(known -> known.getValue().released()
                        && nowNanos - known.getValue().releasedAtNanos >= ago.toNanos()
                        && !enisOf.containsKey(known.getKey()));
    }

    synchronized void read(ComputeInstance instance) {
        if (!instances.containsKey(instance.id()) && !room()) {
            return;
        }
        Tracked before = instances.put(instance.id(), new Tracked(instance, time.nanos(), 0, 0));
        if (before == null || before.missed > 0 || !before.instance.equals(instance)) {
            notify(instance.id());
        }
    }

    /** Room for one more instance, if need be in place of released ones. */
    private boolean room() {
        if (instances.size() >= MAX_INSTANCES) {
            forgetReleased(time.nanos(), Duration.ZERO);
        }
        boolean said = full;
        full = instances.size() >= MAX_INSTANCES;
        if (full && !said) {
            LOG.errorf("all %d instances that eni-manager keeps are in use; more get no addresses", MAX_INSTANCES);
        }
        return !full;
    }

    /** An answer that listed other instances did not list this one. */
    synchronized void missed(InstanceId id) {
        Tracked before = instances.get(id);
        if (before != null) {
            long now = time.nanos();
            long released = before.released() ? before.releasedAtNanos : now;
            instances.put(id, new Tracked(before.instance, now, before.missed + 1, released));
            notify(id);
        }
    }

    synchronized void limits(List<InstanceLimits> read) {
        read.forEach(limit -> limits.put(limit.type(), limit));
    }

    synchronized Set<InstanceType> typesWithoutLimits() {
        Set<InstanceType> types = new HashSet<>();
        instances.values().forEach(tracked -> types.add(tracked.instance.type()));
        types.removeAll(limits.keySet());
        return types;
    }

    /** Instances that carry ENIs of ours and were not read within {@code ttl}. */
    synchronized List<InstanceId> toRead(Duration ttl) {
        long now = time.nanos();
        Set<InstanceId> ids = new HashSet<>(instances.keySet());
        enisOf.forEach((id, on) -> {
            if (!on.isEmpty()) {
                ids.add(id);
            }
        });
        List<InstanceId> due = new ArrayList<>(ids);
        due.removeIf(id -> {
            Tracked tracked = instances.get(id);
            return tracked != null && now - tracked.readAtNanos < ttl.toNanos();
        });
        return due;
    }

    private void notify(InstanceId id) {
        listeners.forEach(listener -> listener.accept(id));
    }
}
