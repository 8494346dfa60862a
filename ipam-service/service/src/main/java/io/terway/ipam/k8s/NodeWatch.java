package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.PoolOverride;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.link.PatientWatch;
import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import io.terway.net.NodeName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Follows Nodes: their UID, the instance behind them, and the annotations that set their pool. */
public final class NodeWatch implements Terms.Follower, AutoCloseable {

    /** Holds the ledger id that a node's agent first showed. */
    public static final String LEDGER_ID = "network.terway.io/ledger-id";

    /** Pod CIDRs that we gave the node, where spec.podCIDRs has none; a comma list. */
    static final String POD_CIDRS = "network.terway.io/pod-cidrs";

    /** Label that names a ConfigMap whose eni_conf is laid over the cluster's. */
    static final String CONFIG_LABEL = "terway-config";

    /** Taint that the cluster autoscaler sets on a node it takes away. */
    static final String LEAVING = "ToBeDeletedByClusterAutoscaler";

    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String UNKNOWN_ZONE = "unknown";

    static final String MAX = "k8s.aliyun.com/eni-max-pool-size";
    static final String MIN = "k8s.aliyun.com/eni-min-pool-size";

    private static final Logger LOG = Logger.getLogger(NodeWatch.class);

    private final Terms terms;
    private final Consumer<Set<String>> configNames;
    private final ShardNodes shard;
    private final SharedIndexInformer<Node> informer;
    private final NamesOnly<Node> names =
            new NamesOnly<>(meta -> new NodeBuilder().withMetadata(meta).build());
    private final Map<NodeName, IpamEvent.NodeSeen> nodes = new HashMap<>(); // guarded by this
    /** How many nodes name a ConfigMap. */
    private final Map<String, Integer> configs = new HashMap<>(); // guarded by this

    private boolean synced; // guarded by this
    private Optional<Runnable> whenListed = Optional.empty(); // guarded by this

    /**
     * @param configNames told the values of the label terway-config of all nodes
     * @param shard told which nodes there are
     */
    public NodeWatch(KubernetesClient client, Terms terms, Consumer<Set<String>> configNames, ShardNodes shard) {
        this.shard = shard;
        this.terms = terms;
        this.configNames = configNames;
        informer = client.nodes().withLimit(PodWatch.PAGE).runnableInformer(0);
        informer.itemStore(names);
        informer.exceptionHandler(new PatientWatch("Nodes"));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Node node) {
                put(node);
            }

            @Override
            public void onUpdate(Node before, Node node) {
                put(node);
            }

            @Override
            public void onDelete(Node node, boolean finalStateUnknown) {
                remove(new NodeName(node.getMetadata().getName()));
            }
        });
    }

    /** @param whenListed called once the whole first list was told */
    public void start(Runnable whenListed) {
        synchronized (this) {
            this.whenListed = Optional.of(whenListed);
        }
        informer.start().thenRun(this::tellWhenListed);
    }

    private synchronized void tellWhenListed() {
        if (whenListed.isPresent() && synced()) {
            Runnable listed = whenListed.get();
            whenListed = Optional.empty();
            listed.run();
        }
    }

    /** True once the whole first list was told, not only received. */
    public synchronized boolean synced() {
        synced = synced || (informer.hasSynced() && nodes.size() >= names.size());
        return synced;
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        nodes.values().forEach(loop::put);
    }

    @Override
    public void ends(LoopThread loop) {}

    @Override
    public void close() {
        informer.stop();
    }

    /** Pod CIDRs of the nodes that have some. */
    public synchronized Map<NodeName, List<Cidr>> podCidrs() {
        Map<NodeName, List<Cidr>> cidrs = new HashMap<>();
        nodes.values().stream()
                .filter(node -> !node.podCidrs().isEmpty())
                .forEach(node -> cidrs.put(node.node(), node.podCidrs()));
        return cidrs;
    }

    private synchronized void put(Node node) {
        IpamEvent.NodeSeen seen = seen(node);
        shard.seen(seen.node(), zone(node), seen.instance());
        IpamEvent.NodeSeen before = nodes.put(seen.node(), seen);
        if (!seen.equals(before)) {
            names(Optional.ofNullable(before).flatMap(IpamEvent.NodeSeen::configName), seen.configName());
            terms.tell(seen);
        }
        tellWhenListed();
    }

    /** A node names another ConfigMap than before: whoever reads them is told when that is a new one, or the last of one. */
    private void names(Optional<String> before, Optional<String> now) {
        if (before.equals(now)) {
            return;
        }
        Set<String> known = Set.copyOf(configs.keySet());
        before.ifPresent(name -> configs.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1));
        now.ifPresent(name -> configs.merge(name, 1, Integer::sum));
        if (!known.equals(configs.keySet())) {
            configNames.accept(Set.copyOf(configs.keySet()));
        }
    }

    private synchronized void remove(NodeName name) {
        names(Optional.ofNullable(nodes.remove(name)).flatMap(IpamEvent.NodeSeen::configName), Optional.empty());
        shard.gone(name);
        terms.tell(new IpamEvent.NodeGone(name));
    }

    private static String zone(Node node) {
        Map<String, String> labels = node.getMetadata().getLabels();
        return labels == null ? UNKNOWN_ZONE : labels.getOrDefault(ZONE, UNKNOWN_ZONE);
    }

    static IpamEvent.NodeSeen seen(Node node) {
        Map<String, String> annotations = node.getMetadata().getAnnotations() == null
                ? Map.of()
                : node.getMetadata().getAnnotations();
        String provider = node.getSpec() == null ? null : node.getSpec().getProviderID();
        return new IpamEvent.NodeSeen(
                new NodeName(node.getMetadata().getName()),
                node.getMetadata().getUid(),
                instance(provider),
                Optional.ofNullable(annotations.get(LEDGER_ID)),
                new PoolOverride(size(node, annotations, MIN), size(node, annotations, MAX)),
                podCidrs(node, annotations),
                Optional.ofNullable(node.getMetadata().getLabels()).map(labels -> labels.get(CONFIG_LABEL)),
                draining(node));
    }

    /** Cordoned, as before a drain, or chosen by an autoscaler to go. */
    private static boolean draining(Node node) {
        return node.getSpec() != null
                && (Boolean.TRUE.equals(node.getSpec().getUnschedulable())
                        || node.getSpec().getTaints() != null
                                && node.getSpec().getTaints().stream()
                                        .anyMatch(taint -> taint.getKey().equals(LEAVING)));
    }

    private static List<Cidr> podCidrs(Node node, Map<String, String> annotations) {
        List<String> texts = node.getSpec() == null || node.getSpec().getPodCIDRs() == null
                ? List.of()
                : node.getSpec().getPodCIDRs();
        if (texts.isEmpty() && annotations.containsKey(POD_CIDRS)) {
            texts = List.of(annotations.get(POD_CIDRS).split(","));
        }
        try {
            return texts.stream().map(String::strip).map(Cidr::parseMasking).toList();
        } catch (IllegalArgumentException e) {
            LOG.warnf("node %s: pod CIDRs %s: %s", node.getMetadata().getName(), texts, e.getMessage());
            return List.of();
        }
    }

    /** providerID is {@code REGION.INSTANCE} or {@code alicloud://REGION.INSTANCE}. */
    private static Optional<InstanceId> instance(String providerId) {
        if (providerId == null) {
            return Optional.empty();
        }
        String last = providerId.substring(Math.max(providerId.lastIndexOf('.'), providerId.lastIndexOf('/')) + 1);
        return last.startsWith("i-") ? Optional.of(new InstanceId(last)) : Optional.empty();
    }

    private static OptionalInt size(Node node, Map<String, String> annotations, String key) {
        String value = annotations.get(key);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!value.matches("[0-9]{1,4}")) {
            LOG.warnf(
                    "node %s: annotation %s is '%s'; it must be a whole number from 0 to 9999 and is ignored",
                    node.getMetadata().getName(), key, value);
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(value));
    }
}
