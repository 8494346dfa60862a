package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Eni;
import io.terway.net.EniId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * ENIs as they were, for reads that lag behind. Remembers each change for the longest lag in force; with no lag it holds
 * nothing. Bounded by {@link #LIMIT} changes, the oldest going first.
 */
public final class Past {

    static final int LIMIT = 200_000;

    /** How the ENI was up to {@code until}; a null {@code was} means it did not exist. */
    private record Version(EniId id, Eni was, Instant until) {}

    private final Conditions conditions;
    private final Map<EniId, Deque<Version>> versions = new HashMap<>();
    private final Deque<Version> order = new ArrayDeque<>();
    private Instant now = Instant.MIN;

    Past(Conditions conditions) {
        this.conditions = conditions;
    }

    /** Time moved; forgets what no lag can reach any more. */
    void advance(Instant to) {
        now = to;
        while (!order.isEmpty()
                && (order.size() > LIMIT || order.peekFirst().until().isBefore(to.minus(longestLag())))) {
            Version oldest = order.removeFirst();
            Deque<Version> own = versions.get(oldest.id());
            own.removeFirst();
            if (own.isEmpty()) {
                versions.remove(oldest.id());
            }
        }
    }

    void remember(EniId id, Eni was) {
        if (longestLag().isZero()) {
            return;
        }
        Version version = new Version(id, was, now);
        versions.computeIfAbsent(id, k -> new ArrayDeque<>()).addLast(version);
        order.addLast(version);
    }

    /** How a reader that lags by {@code lag} sees the ENI whose present state is {@code present}. */
    public Optional<Eni> seen(EniId id, Optional<Eni> present, Duration lag) {
        if (lag.isZero()) {
            return present;
        }
        Instant then = now.minus(lag);
        for (Version version : versions.getOrDefault(id, new ArrayDeque<>())) {
            if (version.until().isAfter(then)) {
                return Optional.ofNullable(version.was());
            }
        }
        return present;
    }

    /** The ids of {@code present} and of ENIs that are gone but may still be seen, in order. */
    Set<EniId> known(Collection<Eni> present) {
        Set<EniId> out = new TreeSet<>(versions.keySet());
        present.forEach(eni -> out.add(eni.id()));
        return out;
    }

    private Duration longestLag() {
        Duration reads = conditions.visibility();
        Duration metadata = conditions.metadata();
        return reads.compareTo(metadata) > 0 ? reads : metadata;
    }
}
