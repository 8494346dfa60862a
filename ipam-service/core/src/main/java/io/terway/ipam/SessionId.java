package io.terway.ipam;

/** One conversation with a node's agent. Chosen by the edge, unique for the life of the process. */
public record SessionId(String value) {

    public SessionId {
        if (value.isEmpty() || value.length() > 64) {
            throw new IllegalArgumentException("a session id has 1 to 64 characters, not " + value.length());
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
