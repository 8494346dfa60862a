package io.terway.lab.cluster;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.lab.Refusal;
import io.terway.net.Cidr;
import io.terway.net.NodeName;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the lab itself writes into Kubernetes: what a cloud controller, a kubelet and a person with kubectl would. */
public final class Kube implements AutoCloseable {
    static final String NAMESPACE = "kube-system";

    /** Nobody renews tokens in a lab. */
    private static final Duration TOKEN_LIFE = Duration.ofDays(30);

    /** Pods per node, kubelet's default. */
    private static final String MAX_PODS = "110";

    private final KubernetesClient client;

    private Kube(KubernetesClient client) {
        this.client = client;
    }

    public static Kube open(Path kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig.toFile());
        config.setRequestRetryBackoffLimit(3);
        return new Kube(new KubernetesClientBuilder().withConfig(config).build());
    }

    /** The client itself, for what pods need. */
    public KubernetesClient client() {
        return client;
    }

    void namespaces() {
        for (String name : List.of("default", NAMESPACE)) {
            ensureNamespace(name);
        }
    }

    /** Makes the namespace when it is absent, as `lab pod add` promises for any namespace. */
    public void ensureNamespace(String name) {
        if (client.namespaces().withName(name).get() == null) {
            try {
                client.resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .addToLabels("kubernetes.io/metadata.name", name)
                                .endMetadata()
                                .build())
                        .create();
            } catch (KubernetesClientException e) {
                // 409: made by somebody else meanwhile.
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }

    /** The service accounts of our parts, as k8s/base has them. */
    void serviceAccounts(Collection<String> names) {
        for (String name : names) {
            client.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(NAMESPACE)
                            .endMetadata()
                            .build())
                    .createOr(NonDeletingOperation::update);
        }
    }

    /**
     * A token as kubelet would project it.
     *
     * @param node the node it is bound to; empty for a service
     */
    String token(String account, Optional<NodeName> node) {
        var spec = new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences("terway")
                .withExpirationSeconds(TOKEN_LIFE.toSeconds());
        node.map(name -> client.nodes().withName(name.value()).get())
                .ifPresent(object -> spec.withNewBoundObjectRef()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(object.getMetadata().getName())
                        .withUid(object.getMetadata().getUid())
                        .endBoundObjectRef());
        return client.serviceAccounts()
                .inNamespace(NAMESPACE)
                .withName(account)
                .tokenRequest(spec.endSpec().build())
                .getStatus()
                .getToken();
    }

    void eniConfig(EniConfig config) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("eni-config")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withData(config.data())
                        .build())
                .createOr(NonDeletingOperation::update);
    }

    void node(LabNode node, String region) {
        Node object = new NodeBuilder()
                .withNewMetadata()
                .withName(node.name().value())
                .withLabels(Map.of(
                        "topology.kubernetes.io/zone",
                        node.zone().value(),
                        "topology.kubernetes.io/region",
                        region,
                        "node.kubernetes.io/instance-type",
                        node.type().value(),
                        "kubernetes.io/hostname",
                        node.name().value(),
                        "kubernetes.io/os",
                        "linux",
                        "kubernetes.io/arch",
                        System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64"))
                .endMetadata()
                .withNewSpec()
                .withProviderID(region + "." + node.instanceId())
                .withPodCIDR(node.podCidrs().getFirst().toString())
                .withPodCIDRs(node.podCidrs().stream().map(Cidr::toString).toList())
                .endSpec()
                .build();
        client.resource(object).createOr(NonDeletingOperation::update);
        NodeStatusBuilder status = new NodeStatusBuilder();
        node.ips().forEach(ip -> status.addNewAddress(ip.toString(), "InternalIP"));
        patchStatus(
                client.nodes().withName(node.name().value()),
                status.addNewAddress(node.name().value(), "Hostname")
                        .addToCapacity("pods", new Quantity(MAX_PODS))
                        .addToAllocatable("pods", new Quantity(MAX_PODS))
                        .build());
        nodeReady(node, false);
    }

    /** The node's Ready condition, which kubelet would keep. */
    void nodeReady(LabNode node, boolean ready) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        patchStatus(
                client.nodes().withName(node.name().value()),
                new NodeStatusBuilder()
                        .addToConditions(new NodeConditionBuilder()
                                .withType("Ready")
                                .withStatus(ready ? "True" : "False")
                                .withReason(ready ? "LabNodeReady" : "LabNodeStarting")
                                .withMessage(ready ? "the node's agent is ready" : "the node's agent is starting")
                                .withLastHeartbeatTime(now)
                                .withLastTransitionTime(now)
                                .build())
                        .build());
    }

    /**
     * Merges into the status without a resource version: the product's parts write other fields of the same objects at
     * the same time, and a conflict with them would mean nothing.
     */
    public static void patchStatus(Resource<?> object, Object status) {
        object.subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), Serialization.asJson(Map.of("status", status)));
    }

    /** Applies every manifest of a directory in the order of its file names; an absent directory is empty. */
    int applyDirectory(Path directory) {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.getFileName().toString().equals("kustomization.yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new Refusal("cannot list " + directory + ": " + e.getMessage());
        }
        files.forEach(file -> applyFile(file.toFile()));
        return files.size();
    }

    private void applyFile(File file) {
        try {
            apply(Files.readString(file.toPath()));
        } catch (IOException e) {
            throw new Refusal("cannot read " + file + ": " + e.getMessage());
        }
    }

    /**
     * Creates or updates the objects of these manifests, in their order.
     *
     * @return "kind/name" of each
     */
    public List<String> apply(String manifests) {
        List<String> applied = new ArrayList<>();
        try {
            List<HasMetadata> objects = client.load(
                            new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                    .items();
            for (HasMetadata object : objects) {
                String namespace = object.getMetadata().getNamespace();
                if (namespace != null && !namespace.isEmpty()) {
                    ensureNamespace(namespace);
                }
                client.resource(object).createOr(NonDeletingOperation::update);
                applied.add(object.getKind() + "/" + object.getMetadata().getName());
            }
        } catch (KubernetesClientException | IllegalArgumentException e) {
            throw new Refusal("after " + applied.size() + " objects: " + e.getMessage());
        }
        return List.copyOf(applied);
    }

    /** Takes back what a lab wrote into an API server that goes on living. */
    void removeNodes(List<LabNode> nodes) {
        nodes.forEach(node -> client.nodes().withName(node.name().value()).delete());
    }

    @Override
    public void close() {
        client.close();
    }
}
