package io.terway.net;

/** The name of a Kubernetes node, at most 253 characters. */
public record NodeName(String value) implements Comparable<NodeName> {

    public NodeName {
        Texts.requireId("node name", value, 253);
    }

    @Override
    public int compareTo(NodeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
