package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.NodeView;
import io.terway.net.NodeName;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Keeps one NodeNetInfo per node, for people and for the next leader. Written when something of it has changed, a node at most every few seconds
 * and all nodes together at most ten times a second; a burst of changes is one write.
 */
public final class NodeInfoWriter implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(NodeInfoWriter.class);

    /** Between two writes of whatever nodes. */
    private static final Duration PACE = Duration.ofMillis(100);

    /** Between two writes of one node; and after a failure. */
    private static final Duration REST = Duration.ofSeconds(5);

    /** Nodes of which it is remembered what was written last. */
    static final int MOST_REMEMBERED = 20_000;

    private final KubernetesClient client;
    private final Duration rest;
    private final Map<NodeName, Wish> wishes = new LinkedHashMap<>(); // guarded by this
    private final Map<NodeName, Written> written = new LinkedHashMap<>(); // of the writer's thread
    private final Function<NodeName, OptionalInt> stored;
    private final Duration pace;
    private final Thread writer;
    private boolean missing; // of the writer's thread

    /** @param due not before this, by {@link System#nanoTime} */
    private record Wish(Supplier<Optional<NodeView>> view, long term, long due) {}

    private record Next(NodeName node, Wish wish) {}

    /** By us, in this term: what another leader has written since we do not know. */
    private record Written(long term, int digest) {}

    /** @param stored the digest of what the API server has of a node, as far as known */
    public NodeInfoWriter(KubernetesClient client, Function<NodeName, OptionalInt> stored) {
        this(client, stored, REST, PACE);
    }

    NodeInfoWriter(KubernetesClient client, Function<NodeName, OptionalInt> stored, Duration rest, Duration pace) {
        this.client = client;
        this.stored = stored;
        this.rest = rest;
        this.pace = pace;
        writer = Thread.ofVirtual().name("node-info-writer").start(this::write);
    }

    /**
     * Something of a node has changed.
     *
     * @param view asked when it is written; may block
     */
    public synchronized void changed(NodeName node, long term, Supplier<Optional<NodeView>> view) {
        Wish before = wishes.get(node);
        wishes.put(node, new Wish(view, term, before == null ? System.nanoTime() : before.due()));
        notifyAll();
    }

    private synchronized Next take() throws InterruptedException {
        while (true) {
            long now = System.nanoTime();
            long wait = Long.MAX_VALUE;
            for (Map.Entry<NodeName, Wish> entry : wishes.entrySet()) {
                long left = entry.getValue().due() - now;
                if (left <= 0) {
                    wishes.remove(entry.getKey());
                    return new Next(entry.getKey(), entry.getValue());
                }
                wait = Math.min(wait, left);
            }
            TimeUnit.NANOSECONDS.timedWait(this, wait);
        }
    }

    private void write() {
        try {
            while (true) {
                Next next = take();
                if (written(next)) {
                    Thread.sleep(pace);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("node info writer stopped");
        }
    }

    /** False when there was nothing to write. */
    private boolean written(Next next) {
        try {
            Optional<NodeView> view = next.wish().view().get();
            // Before the cloud has shown the node, what a former leader wrote down says more.
            if (view.flatMap(NodeView::cloud).isEmpty()) {
                return false;
            }
            long term = next.wish().term();
            Map<String, Object> body = NodeInfo.of(view.get(), term);
            int digest = NodeInfo.digest(body);
            if (isStored(next.node(), term, digest)) {
                return false;
            }
            put(view.get(), body);
            remember(next.node(), new Written(term, digest));
            missing = false;
            restFor(next.node(), Optional.empty());
        } catch (KubernetesClientException e) {
            failed(next, e);
        }
        return true;
    }

    private boolean isStored(NodeName node, long term, int digest) {
        Written last = written.get(node);
        return last != null && last.term() == term
                ? last.digest() == digest
                : stored.apply(node).equals(OptionalInt.of(digest));
    }

    /** Of nodes that are gone the oldest are forgotten. */
    private void remember(NodeName node, Written now) {
        written.remove(node);
        written.put(node, now);
        if (written.size() > MOST_REMEMBERED) {
            written.remove(written.keySet().iterator().next());
        }
    }

    private void put(NodeView view, Map<String, Object> body) {
        var resource = client.genericKubernetesResources(NodeInfo.KIND)
                .withName(view.node().value());
        GenericKubernetesResource wanted = NodeInfo.object(view, body);
        if (resource.get() == null) {
            client.genericKubernetesResources(NodeInfo.KIND).resource(wanted).create();
        } else {
            resource.patch(
                    PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("spec", body.get("spec"))));
        }
        @SuppressWarnings("unchecked")
        Map<String, Object> status = new LinkedHashMap<>((Map<String, Object>) body.get("status"));
        status.put("lastSyncTime", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        resource.subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("status", status)));
    }

    private void failed(Next next, KubernetesClientException e) {
        boolean noKind = e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
        if (!noKind || !missing) {
            LOG.warnf(
                    "NodeNetInfo %s was not written: %s%s",
                    next.node(), e.getMessage(), noKind ? "; are the custom resources of k8s/crds installed?" : "");
        }
        missing |= noKind;
        restFor(next.node(), noKind ? Optional.empty() : Optional.of(next.wish()));
    }

    /** The node's next write waits; what was asked for meanwhile is the one that counts. */
    private synchronized void restFor(NodeName node, Optional<Wish> again) {
        Wish newer = wishes.get(node);
        Optional<Wish> wish = newer == null ? again : Optional.of(newer);
        wish.ifPresent(w -> wishes.put(node, new Wish(w.view(), w.term(), System.nanoTime() + rest.toNanos())));
        if (wish.isEmpty()) {
            resting(node);
        }
    }

    /** A wish that changes nothing keeps the node's time until its next write. */
    private void resting(NodeName node) {
        wishes.put(node, new Wish(Optional::empty, 0, System.nanoTime() + rest.toNanos()));
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}
