package io.terway.net;

/** An instance type, {@code ecs.g7.xlarge}. */
public record InstanceType(String value) implements Comparable<InstanceType> {

    public InstanceType {
        Texts.requireId("instance type", value, 128);
    }

    @Override
    public int compareTo(InstanceType other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
