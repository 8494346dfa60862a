package io.terway.net;

/** The cloud's id of an ECS instance, {@code i-...}. */
public record InstanceId(String value) implements Comparable<InstanceId> {

    public InstanceId {
        Texts.requireId("instance id", value, 128);
    }

    @Override
    public int compareTo(InstanceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
