package io.terway.net;

/** The cloud's id of an elastic network interface, {@code eni-...}. */
public record EniId(String value) implements Comparable<EniId> {

    public EniId {
        Texts.requireId("ENI id", value, 128);
    }

    @Override
    public int compareTo(EniId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
