package io.terway.policy;

import java.util.Objects;

/**
 * A policy by kind and name. Text: {@code namespace/name}, or {@code name} for a cluster-wide one.
 *
 * @param kind which API it comes from; two kinds may use one name
 * @param namespace empty for {@link Kind#CLUSTER_NETWORK_POLICY}
 */
public record PolicyId(Kind kind, String namespace, String name) implements Comparable<PolicyId> {

    /** Where a policy comes from. */
    public enum Kind {
        NETWORK_POLICY("NetworkPolicy", "networking.k8s.io/v1"),
        CILIUM_NETWORK_POLICY("CiliumNetworkPolicy", "cilium.io/v2"),
        CLUSTER_NETWORK_POLICY("ClusterNetworkPolicy", "policy.networking.k8s.io/v1alpha2");

        private final String text;
        private final String apiVersion;

        Kind(String text, String apiVersion) {
            this.text = text;
            this.apiVersion = apiVersion;
        }

        /** As in {@code kind:}. */
        public String text() {
            return text;
        }

        /** As in {@code apiVersion:}. */
        public String apiVersion() {
            return apiVersion;
        }
    }

    public PolicyId {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(namespace);
        Objects.requireNonNull(name);
    }

    /** A NetworkPolicy. */
    public static PolicyId networkPolicy(String namespace, String name) {
        return new PolicyId(Kind.NETWORK_POLICY, namespace, name);
    }

    @Override
    public int compareTo(PolicyId other) {
        int byNamespace = namespace.compareTo(other.namespace);
        int byName = byNamespace != 0 ? byNamespace : name.compareTo(other.name);
        return byName != 0 ? byName : kind.compareTo(other.kind);
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
