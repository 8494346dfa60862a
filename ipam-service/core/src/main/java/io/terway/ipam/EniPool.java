package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** One ENI's addresses on one node. Package-private state of {@link NodeState}. */
final class EniPool {

    private static final Comparator<Slot> OLDEST_IDLE_FIRST = Comparator.comparing(
                    (Slot slot) -> ((AddressState.Idle) slot.state).since())
            .thenComparing(slot -> slot.ip);

    final EniId id;
    final Map<Ip, Slot> slots = new LinkedHashMap<>();
    final Census census = new Census();
    private final Map<Family, TreeSet<Slot>> idle = new EnumMap<>(Family.class);
    /** As last seen; empty while only a ledger knows the ENI. */
    Optional<CloudEni> cloud = Optional.empty();
    /** The one open operation on it, 0 for none (rule 12). */
    long operation;
    /** Its addresses are being withdrawn so that it can be deleted. */
    boolean dropping;

    EniPool(EniId id) {
        this.id = id;
        for (Family family : Family.values()) {
            idle.put(family, new TreeSet<>(OLDEST_IDLE_FIRST));
        }
    }

    boolean usable() {
        return cloud.isPresent() && cloud.get().phase() == CloudEni.Phase.IN_USE && !dropping;
    }

    /** Oldest idle address first. */
    TreeSet<Slot> idle(Family family) {
        return idle.get(family);
    }

    Optional<Instant> oldestIdle(Family family) {
        TreeSet<Slot> set = idle.get(family);
        return set.isEmpty() ? Optional.empty() : Optional.of(((AddressState.Idle) set.first().state).since());
    }

    /** Addresses that take room on the ENI. */
    int used(Family family) {
        return census.held(family) + census.count(family, Census.Kind.UNASSIGNING);
    }

    Collection<Slot> all() {
        return slots.values();
    }

    List<Slot> in(Census.Kind kind) {
        List<Slot> found = new ArrayList<>();
        if (census.count(kind) > 0) {
            for (Slot slot : slots.values()) {
                if (Census.Kind.of(slot.state) == kind) {
                    found.add(slot);
                }
            }
        }
        return found;
    }
}
