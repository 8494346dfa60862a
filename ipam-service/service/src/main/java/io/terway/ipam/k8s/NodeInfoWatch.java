package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.RememberedNode;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.link.PatientWatch;
import io.terway.net.NodeName;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jboss.logging.Logger;

/**
 * Reads what leaders wrote down in NodeNetInfos, also while another one leads: a term begins with it. The list is paged and
 * what is kept of an object is one record. Without the kind, or when it cannot be read for long, a term begins without.
 */
public final class NodeInfoWatch implements Terms.Follower, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(NodeInfoWatch.class);
    /** Nothing unsafe happens without them, so nobody waits longer for the first list. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Terms terms;
    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final NamesOnly<GenericKubernetesResource> names = new NamesOnly<>(meta -> {
        var bones = new GenericKubernetesResource();
        bones.setMetadata(meta);
        return bones;
    });
    private final Map<NodeName, Known> known = new HashMap<>(); // guarded by this
    private final long startedAt = System.nanoTime();
    private boolean absent; // guarded by this
    /** Stays: later objects are in the store a moment before they are told. */
    private boolean listed; // guarded by this

    private boolean warned; // guarded by this

    /** @param remembered empty: unreadable, or of a version that wrote nothing down */
    private record Known(Optional<RememberedNode> remembered, int digest) {}

    public NodeInfoWatch(KubernetesClient client, Terms terms) {
        this.terms = terms;
        informer = client.genericKubernetesResources(NodeInfo.KIND)
                .withLimit(PodWatch.PAGE)
                .runnableInformer(0);
        informer.itemStore(names);
        informer.exceptionHandler(new PatientWatch("NodeNetInfos", this::failed));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(GenericKubernetesResource object) {
                put(object);
            }

            @Override
            public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
                put(object);
            }

            @Override
            public void onDelete(GenericKubernetesResource object, boolean finalStateUnknown) {
                remove(new NodeName(object.getMetadata().getName()));
            }
        });
    }

    public void start() {
        informer.start();
    }

    /** True once the whole first list was told, or need not be waited for. */
    public synchronized boolean synced() {
        listed = listed || absent || informer.hasSynced() && known.size() >= names.size();
        boolean waitedFor = Duration.ofNanos(System.nanoTime() - startedAt).compareTo(PATIENCE) > 0;
        if (!listed && waitedFor && !warned) {
            warned = true;
            LOG.warnf(
                    "NodeNetInfos could not be listed in %d s: older copies of ledgers are not told from new ones",
                    PATIENCE.toSeconds());
        }
        return listed || waitedFor;
    }

    /** The digest of what the API server has of a node. */
    public synchronized OptionalInt stored(NodeName node) {
        Known stored = known.get(node);
        return stored == null ? OptionalInt.empty() : OptionalInt.of(stored.digest());
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        known.values()
                .forEach(node ->
                        node.remembered().ifPresent(remembered -> loop.put(new IpamEvent.NodeRemembered(remembered))));
    }

    @Override
    public void ends(LoopThread loop) {}

    @Override
    public void close() {
        informer.stop();
    }

    private synchronized void put(GenericKubernetesResource object) {
        Optional<RememberedNode> remembered = Optional.empty();
        try {
            remembered = NodeInfo.remembered(object);
        } catch (IllegalArgumentException e) {
            LOG.warnf("%s; nothing is made of it", e.getMessage());
        }
        var node = new NodeName(object.getMetadata().getName());
        Known before = known.put(node, new Known(remembered, NodeInfo.digest(object.getAdditionalProperties())));
        if (before == null || !before.remembered().equals(remembered)) {
            terms.tell(
                    remembered.<IpamEvent>map(IpamEvent.NodeRemembered::new).orElse(new IpamEvent.NodeForgotten(node)));
        }
    }

    private synchronized void remove(NodeName node) {
        known.remove(node);
        terms.tell(new IpamEvent.NodeForgotten(node));
    }

    private synchronized void failed(Throwable failure) {
        absent = PatientWatch.isAbsentKind(failure);
    }
}
