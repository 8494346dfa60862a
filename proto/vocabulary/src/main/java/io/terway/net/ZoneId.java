package io.terway.net;

/** A zone of a region, {@code cn-hangzhou-h}. */
public record ZoneId(String value) implements Comparable<ZoneId> {

    public ZoneId {
        Texts.requireId("zone", value, 128);
    }

    @Override
    public int compareTo(ZoneId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
