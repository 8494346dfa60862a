package io.terway.policy.k8s;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/** The kinds of objects that policy is made of. */
enum Watched {
    NAMESPACE("", "v1", "Namespace", "namespaces", false, false),
    NODE("", "v1", "Node", "nodes", false, false),
    POD("", "v1", "Pod", "pods", true, false),
    NETWORK_POLICY("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true, false),
    CLUSTER_NETWORK_POLICY(
            "policy.networking.k8s.io", "v1alpha2", "ClusterNetworkPolicy", "clusternetworkpolicies", false, true),
    CILIUM_NETWORK_POLICY("cilium.io", "v2", "CiliumNetworkPolicy", "ciliumnetworkpolicies", true, true);

    private final String group;
    private final String version;
    private final String kind;
    private final String plural;
    private final boolean namespaced;
    private final boolean optional;

    Watched(String group, String version, String kind, String plural, boolean namespaced, boolean optional) {
        this.group = group;
        this.version = version;
        this.kind = kind;
        this.plural = plural;
        this.namespaced = namespaced;
        this.optional = optional;
    }

    String kind() {
        return kind;
    }

    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** A custom resource, which a cluster may not have. */
    boolean optional() {
        return optional;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(namespaced)
                .build();
    }
}
