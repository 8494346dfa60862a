package io.terway.ipam;

/** One ADD attempt; the same in every repetition of it. */
public record RequestId(String value) implements Comparable<RequestId> {

    public RequestId {
        if (value.isEmpty() || value.length() > 128) {
            throw new IllegalArgumentException("request_id has 1 to 128 characters, not " + value.length());
        }
    }

    @Override
    public int compareTo(RequestId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
