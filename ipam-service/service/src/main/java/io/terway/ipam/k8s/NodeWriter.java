package io.terway.ipam.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.FixedCommand;
import io.terway.ipam.IpamCommand;
import io.terway.net.NodeName;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Writes what people see on Nodes: only the newest state counts, so a burst of changes is one write. */
public final class NodeWriter implements AutoCloseable {

    /** The guide's annotation: addresses held for pods. */
    static final String ALLOCATED = "k8s.aliyun.com/allocated-eniips";

    /** As the existing Terway shows them, for schedulers. */
    static final String MAX_AVAILABLE = "k8s.aliyun.com/max-available-ip";

    /** The guide's annotation: fixed addresses at the node, as bound/total. */
    static final String FIXED = "k8s.aliyun.com/pod-bindable";

    static final String MAX_MEMBER = "k8s.aliyun.com/max-member-eni-ip";

    private static final Logger LOG = Logger.getLogger(NodeWriter.class);
    /** Time between two writes: bounds the load on the API server whatever the number of nodes. */
    private static final Duration PACE = Duration.ofMillis(100);

    /** After a failed write; the API server is then asked no faster than this. */
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final SequencedMap<NodeName, Wish> wishes = new LinkedHashMap<>(); // guarded by this
    private final NodeConditions conditions;
    private final NodeTaints taints;
    private final Thread writer;

    /** @param anchors annotations that keep what another term must know */
    private record Wish(Optional<IpamCommand.ShowStatus> status, Map<String, String> anchors) {

        static final Wish NONE = new Wish(Optional.empty(), Map.of());

        /** Both; where both say something the newer one counts. */
        Wish then(Wish newer) {
            Map<String, String> both = new LinkedHashMap<>(anchors);
            both.putAll(newer.anchors);
            return new Wish(newer.status.or(() -> status), both);
        }
    }

    public NodeWriter(KubernetesClient client) {
        this.client = client;
        conditions = new NodeConditions(client);
        taints = new NodeTaints(client);
        writer = Thread.ofVirtual().name("node-writer").start(this::write);
    }

    public void status(IpamCommand.ShowStatus status) {
        wish(status.node(), new Wish(Optional.of(status), Map.of()), (newer, older) -> older.then(newer));
    }

    public void anchor(IpamCommand.Anchor anchor) {
        anchor(anchor.node(), NodeWatch.LEDGER_ID, anchor.ledgerId());
    }

    public void anchor(IpamCommand.AnchorPodCidrs anchor) {
        String cidrs = anchor.cidrs().stream().map(Object::toString).collect(Collectors.joining(","));
        anchor(anchor.node(), NodeWatch.POD_CIDRS, cidrs);
    }

    public void fixed(FixedCommand.ShowNode show) {
        anchor(show.node(), FIXED, show.bound() + "/" + show.total());
    }

    private void anchor(NodeName node, String annotation, String value) {
        wish(node, new Wish(Optional.empty(), Map.of(annotation, value)), (newer, older) -> older.then(newer));
    }

    /** @param join of the wish and the one that waits already */
    private synchronized void wish(NodeName node, Wish wish, BinaryOperator<Wish> join) {
        wishes.put(node, join.apply(wish, wishes.getOrDefault(node, Wish.NONE)));
        notifyAll();
    }

    @Override
    public void close() {
        writer.interrupt();
    }

    private synchronized Map.Entry<NodeName, Wish> take() throws InterruptedException {
        while (wishes.isEmpty()) {
            wait();
        }
        return wishes.pollFirstEntry(); // whoever waits longest; one that failed is last
    }

    private void write() {
        try {
            while (true) {
                Map.Entry<NodeName, Wish> next = take();
                Thread.sleep(written(next.getKey(), next.getValue()) ? PACE : RETRY_AFTER);
            }
        } catch (InterruptedException e) {
            LOG.debug("node writer stopped");
        }
    }

    /** False when it failed and waits to be written again: an anchor that is lost would admit a cloned ledger. */
    private boolean written(NodeName name, Wish wish) {
        try {
            write(name, wish);
            return true;
        } catch (KubernetesClientException e) {
            LOG.warnf("node %s was not updated: %s", name, e.getMessage());
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return true; // the Node is gone, and with it whom to tell
            }
            wish(name, wish, Wish::then);
            return false;
        }
    }

    private void write(NodeName name, Wish wish) {
        Map<String, String> annotations = new LinkedHashMap<>(wish.anchors());
        wish.status().ifPresent(status -> {
            annotations.put(ALLOCATED, Integer.toString(status.bound()));
            if (status.capacity() > 0) {
                annotations.put(MAX_AVAILABLE, Integer.toString(status.capacity()));
                annotations.put(MAX_MEMBER, Integer.toString(status.members()));
            }
        });
        client.nodes()
                .withName(name.value())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations))));
        if (wish.status().isPresent()) {
            IpamCommand.ShowStatus status = wish.status().get();
            conditions.show(name, status);
            taints.show(name, status);
        }
    }
}
