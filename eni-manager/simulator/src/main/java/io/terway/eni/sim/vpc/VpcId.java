package io.terway.eni.sim.vpc;

import java.util.Objects;

/** The cloud's id of a VPC. */
public record VpcId(String value) implements Comparable<VpcId> {

    public VpcId {
        Objects.requireNonNull(value, "value");
        if (value.isBlank()) {
            throw new IllegalArgumentException("the VPC id is empty");
        }
    }

    @Override
    public int compareTo(VpcId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
