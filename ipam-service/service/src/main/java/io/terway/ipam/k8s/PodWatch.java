package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.link.PatientWatch;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.wire.ipam.v1.KnownPod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Follows all pods once for the cluster. What is kept of one is its name, node and our annotations. */
public final class PodWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PodWatch.class);
    /** Objects of one page of a list. */
    static final long PAGE = 500;

    /** As many fixed addresses as are kept by default. */
    static final int MOST_UNDECIDED = 10_000;

    private final SharedIndexInformer<Pod> informer;
    /** Pods that were told why they get an ordinary address. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    private final PodDirectory directory;
    private final ExpectedPods expected;
    private final EventWriter events;
    private final StatefulSetWatch statefulSets;
    private final CustomWorkloads workloads;
    private final ShardNodes shard;
    private final PodsElsewhere elsewhere;
    private volatile Consumer<PodRef> listener = _ -> {};
    private Set<String> statefulKinds = Set.of(); // guarded by this
    /** Pods that ask for a fixed address and are of no StatefulSet: whether they get one depends on the configuration. */
    private final Map<String, Pod> undecided = new LinkedHashMap<>(); // guarded by this

    /**
     * @param expected told which pods wait for their address, and which no longer do
     * @param statefulSets what they ask for their pods counts like the pods' own annotations
     * @param shard pods of other nodes are only counted
     */
    public PodWatch(
            KubernetesClient client,
            PodDirectory directory,
            ExpectedPods expected,
            EventWriter events,
            StatefulSetWatch statefulSets,
            ShardNodes shard,
            PodsElsewhere elsewhere) {
        this.shard = shard;
        this.elsewhere = elsewhere;
        this.statefulSets = statefulSets;
        workloads = new CustomWorkloads(client);
        this.events = events;
        this.directory = directory;
        this.expected = expected;
        shard.listen(node -> {
            directory.forget(node);
            expected.forget(node);
        });
        informer = client.pods().inAnyNamespace().withLimit(PAGE).runnableInformer(0);
        // 100,000 fit into a small heap
        informer.itemStore(
                new NamesOnly<>(meta -> new PodBuilder().withMetadata(meta).build(), this::ours));
        informer.exceptionHandler(new PatientWatch("Pods"));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                put(pod);
            }

            @Override
            public void onUpdate(Pod before, Pod pod) {
                put(pod);
            }

            @Override
            public void onDelete(Pod pod, boolean finalStateUnknown) {
                String uid = pod.getMetadata().getUid();
                if (uid != null) {
                    told.remove(uid);
                    forget(uid);
                    directory.remove(uid);
                    expected.gone(uid);
                }
                elsewhere.hasNot(name(pod));
                listener.accept(name(pod));
            }
        });
    }

    /** @param listener told of each pod with a fixed address that was seen on a node, and of each pod that is gone */
    void listen(Consumer<PodRef> listener) {
        this.listener = listener;
    }

    private boolean ours(Pod pod) {
        String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        return node == null || node.isEmpty() || shard.serves(new NodeName(node));
    }

    public void start(Runnable whenListed) {
        informer.start().thenRun(() -> {
            directory.completed();
            whenListed.run();
        });
    }

    /** True while the API server has a pod of this name. */
    boolean exists(PodRef pod) {
        return informer.getStore().getByKey(pod.namespace() + "/" + pod.name()) != null;
    }

    private static PodRef name(Pod pod) {
        return new PodRef(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
    }

    public boolean synced() {
        return informer.hasSynced();
    }

    @Override
    public void close() {
        informer.stop();
    }

    /** The kinds of workloads that count like a StatefulSet are others now: pods seen before are looked at again. */
    public synchronized void statefulKinds(Set<String> kinds) {
        if (!kinds.equals(statefulKinds)) {
            statefulKinds = Set.copyOf(kinds);
            List.copyOf(undecided.values()).forEach(pod -> {
                expected.settled(pod.getMetadata().getUid());
                put(pod);
            });
        }
    }

    private synchronized void forget(String uid) {
        undecided.remove(uid);
    }

    private void undecided(Pod pod, Map<String, String> annotations) {
        boolean asks = "true".equals(annotations.get(FixedWish.ANNOTATION))
                && FixedWish.ownerOf(pod.getMetadata()).isEmpty();
        if (!asks) {
            undecided.remove(pod.getMetadata().getUid());
        } else if (undecided.size() < MOST_UNDECIDED) {
            undecided.put(pod.getMetadata().getUid(), bones(pod));
        }
    }

    /** What {@link #put} looks at. */
    private static Pod bones(Pod pod) {
        ObjectMeta meta = pod.getMetadata();
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(meta.getNamespace())
                .withName(meta.getName())
                .withUid(meta.getUid())
                .withResourceVersion(meta.getResourceVersion())
                .withDeletionTimestamp(meta.getDeletionTimestamp())
                .withAnnotations(ours(meta))
                .withOwnerReferences(FixedWish.controller(meta).stream().toList())
                .endMetadata()
                .withNewSpec()
                .withNodeName(pod.getSpec().getNodeName())
                .withHostNetwork(pod.getSpec().getHostNetwork())
                .endSpec()
                .withNewStatus()
                .withPhase(pod.getStatus() == null ? null : pod.getStatus().getPhase())
                .withPodIP(pod.getStatus() == null ? null : pod.getStatus().getPodIP())
                .endStatus()
                .build();
    }

    private synchronized void put(Pod pod) {
        ObjectMeta meta = pod.getMetadata();
        String node = pod.getSpec().getNodeName();
        if (node == null || node.isEmpty()) {
            return;
        }
        if (!shard.serves(new NodeName(node))) {
            countElsewhere(pod);
            return;
        }
        try {
            Map<String, String> annotations = ours(meta);
            FixedWish.ownerOf(meta).ifPresent(set -> statefulSets.wishes(set).forEach(annotations::putIfAbsent));
            FixedWish.controller(meta)
                    .filter(owner -> statefulKinds.contains(owner.getKind()))
                    .ifPresent(owner ->
                            workloads.wishes(meta.getNamespace(), owner).forEach(annotations::putIfAbsent));
            undecided(pod, annotations);
            boolean unfit = FixedWish.dropUnfit(annotations, meta, statefulKinds);
            directory.put(new NodeName(node), known(pod, meta, annotations));
            if ("true".equals(annotations.get(FixedWish.ANNOTATION))) {
                listener.accept(name(pod));
            }
            if (waits(pod)) {
                if (unfit && told.add(meta.getUid())) {
                    events.pod(
                            new PodRef(meta.getNamespace(), meta.getName()),
                            meta.getUid(),
                            "NoFixedAddress",
                            FixedWish.UNFIT);
                }
                expected.scheduled(new NodeName(node), meta.getUid(), annotations);
            } else if (over(pod)) {
                expected.gone(meta.getUid());
            } else {
                expected.connected(new NodeName(node), meta.getUid(), annotations);
            }
        } catch (IllegalArgumentException e) {
            LOG.warnf("pod %s/%s is left out: %s", meta.getNamespace(), meta.getName(), e.getMessage());
        }
    }

    private void countElsewhere(Pod pod) {
        if (waits(pod) || over(pod) || Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
            elsewhere.hasNot(name(pod));
        } else {
            elsewhere.has(name(pod));
        }
    }

    private static boolean over(Pod pod) {
        return pod.getStatus() != null
                && ("Succeeded".equals(pod.getStatus().getPhase())
                        || "Failed".equals(pod.getStatus().getPhase()));
    }

    /** It has a node, and nobody has given it an address yet. */
    private static boolean waits(Pod pod) {
        return !Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
                && pod.getMetadata().getDeletionTimestamp() == null
                && (pod.getStatus() == null || pod.getStatus().getPodIP() == null && !over(pod));
    }

    private static KnownPod known(Pod pod, ObjectMeta meta, Map<String, String> annotations) {
        KnownPod.Builder known = KnownPod.newBuilder()
                .setPod(io.terway.wire.net.v1.Pod.newBuilder()
                        .setNamespace(meta.getNamespace())
                        .setName(meta.getName())
                        .setUid(meta.getUid()))
                .setHostNetwork(Boolean.TRUE.equals(pod.getSpec().getHostNetwork()))
                .setResourceVersion(meta.getResourceVersion());
        if (!annotations.isEmpty()) { // an empty map of its own would cost each pod 200 bytes
            known.putAllAnnotations(annotations);
        }
        return known.build();
    }

    private static Map<String, String> ours(ObjectMeta meta) {
        Map<String, String> kept = new TreeMap<>();
        if (meta.getAnnotations() != null) {
            meta.getAnnotations().forEach((key, value) -> {
                boolean bandwidth =
                        key.equals("kubernetes.io/ingress-bandwidth") || key.equals("kubernetes.io/egress-bandwidth");
                if (bandwidth || key.startsWith("k8s.aliyun.com/") || key.startsWith("network.terway.io/")) {
                    kept.put(key, value);
                }
            });
        }
        return kept;
    }
}
