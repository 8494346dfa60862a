package io.terway.eni.sim.vpc;

import java.util.Objects;

/** The cloud's id of a route entry. */
public record RouteEntryId(String value) implements Comparable<RouteEntryId> {

    public RouteEntryId {
        Objects.requireNonNull(value, "value");
        if (value.isBlank()) {
            throw new IllegalArgumentException("the route entry id is empty");
        }
    }

    @Override
    public int compareTo(RouteEntryId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
