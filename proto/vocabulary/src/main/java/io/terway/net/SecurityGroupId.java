package io.terway.net;

/** The cloud's id of a security group, {@code sg-...}. */
public record SecurityGroupId(String value) implements Comparable<SecurityGroupId> {

    public SecurityGroupId {
        Texts.requireId("security group id", value, 128);
    }

    @Override
    public int compareTo(SecurityGroupId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
