package io.terway.net;

/** The cloud's id of a vSwitch, {@code vsw-...}. */
public record VSwitchId(String value) implements Comparable<VSwitchId> {

    public VSwitchId {
        Texts.requireId("vSwitch id", value, 128);
    }

    @Override
    public int compareTo(VSwitchId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
