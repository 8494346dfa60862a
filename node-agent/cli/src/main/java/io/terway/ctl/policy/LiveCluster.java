package io.terway.ctl.policy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.terway.policy.read.Field;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads from the API server what policy is made of. */
final class LiveCluster {

    private static final int TIMEOUT_MS = 10_000;
    private static final int NOT_FOUND = 404;

    private LiveCluster() {}

    /** The kinds, and whether a cluster may lack them. */
    private enum Kind {
        NAMESPACE("", "v1", "Namespace", "namespaces", false),
        NODE("", "v1", "Node", "nodes", false),
        POD("", "v1", "Pod", "pods", false),
        NETWORK_POLICY("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", false),
        CLUSTER("policy.networking.k8s.io", "v1alpha2", "ClusterNetworkPolicy", "clusternetworkpolicies", true),
        CILIUM("cilium.io", "v2", "CiliumNetworkPolicy", "ciliumnetworkpolicies", true);

        private final String group;
        private final String version;
        private final String kind;
        private final String plural;
        private final boolean optional;

        Kind(String group, String version, String kind, String plural, boolean optional) {
            this.group = group;
            this.version = version;
            this.kind = kind;
            this.plural = plural;
            this.optional = optional;
        }
    }

    /**
     * Everything, now.
     *
     * @param kubeconfig empty: KUBECONFIG, ~/.kube/config, or the pod's own account
     */
    static List<Field> read(Optional<String> kubeconfig) {
        // The client logs through SLF4J, of which nothing is on the class path on purpose; it need not say so.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        Config config = config(kubeconfig);
        List<Field> out = new ArrayList<>();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            for (Kind kind : Kind.values()) {
                list(client, kind).forEach(object -> out.add(Field.root(tree(kind, object))));
            }
            return out;
        } catch (KubernetesClientException e) {
            throw new BadInput("the API server " + config.getMasterUrl() + " does not answer as needed: "
                    + OneLine.of(reason(e)) + "; look at --kubeconfig and your permissions");
        }
    }

    private static String reason(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return last instanceof java.net.UnknownHostException ? "unknown host " + last.getMessage() : last.getMessage();
    }

    private static Config config(Optional<String> kubeconfig) {
        Config found;
        if (kubeconfig.isPresent()) {
            var file = new File(kubeconfig.get());
            if (!file.isFile()) {
                throw new BadInput("kubeconfig " + file + " is not a file");
            }
            found = parsed(file);
        } else {
            found = Config.autoConfigure(null);
        }
        return new ConfigBuilder(found)
                .withConnectionTimeout(TIMEOUT_MS)
                .withRequestTimeout(TIMEOUT_MS)
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    private static Config parsed(File file) {
        try {
            return Config.fromKubeconfig(file);
        } catch (KubernetesClientException e) {
            throw new BadInput("kubeconfig " + file + " cannot be read: " + OneLine.of(reason(e)));
        }
    }

    private static List<GenericKubernetesResource> list(KubernetesClient client, Kind kind) {
        var context = new ResourceDefinitionContext.Builder()
                .withGroup(kind.group)
                .withVersion(kind.version)
                .withKind(kind.kind)
                .withPlural(kind.plural)
                .withNamespaced(true)
                .build();
        try {
            return client.genericKubernetesResources(context)
                    .inAnyNamespace()
                    .list()
                    .getItems();
        } catch (KubernetesClientException e) {
            if (kind.optional && e.getCode() == NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    private static Map<String, Object> tree(Kind kind, GenericKubernetesResource object) {
        Map<String, Object> out = new LinkedHashMap<>(object.getAdditionalProperties());
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", object.getMetadata().getName());
        metadata.put("namespace", object.getMetadata().getNamespace());
        metadata.put("uid", object.getMetadata().getUid());
        metadata.put("labels", object.getMetadata().getLabels());
        metadata.put("annotations", object.getMetadata().getAnnotations());
        out.put("metadata", metadata);
        out.put("kind", kind.kind);
        out.put("apiVersion", kind.group.isEmpty() ? kind.version : kind.group + "/" + kind.version);
        return out;
    }
}
