package io.terway.eni.sim.vpc;

import java.util.Objects;

/** The cloud's id of a route table. */
public record RouteTableId(String value) implements Comparable<RouteTableId> {

    public RouteTableId {
        Objects.requireNonNull(value, "value");
        if (value.isBlank()) {
            throw new IllegalArgumentException("the route table id is empty");
        }
    }

    @Override
    public int compareTo(RouteTableId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
