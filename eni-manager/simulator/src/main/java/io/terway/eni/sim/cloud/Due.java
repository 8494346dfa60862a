package io.terway.eni.sim.cloud;

import io.terway.eni.sim.vpc.RouteEntryId;
import io.terway.net.EniId;
import java.time.Instant;

/** A moment at which a pending change ends. Stale entries are harmless: the subject's own state decides. */
sealed interface Due extends Comparable<Due> {

    Instant at();

    record OfEni(Instant at, EniId id) implements Due {}

    record OfRoute(Instant at, RouteEntryId id) implements Due {}

    @Override
    default int compareTo(Due other) {
        return at().compareTo(other.at());
    }
}
