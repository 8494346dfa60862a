package io.terway.policy;

/** A namespaced policy by name. */
public record PolicyId(String namespace, String name) implements Comparable<PolicyId> {

    @Override
    public int compareTo(PolicyId other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
