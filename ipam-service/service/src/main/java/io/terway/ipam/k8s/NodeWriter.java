package io.terway.ipam.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.IpamCommand;
import io.terway.net.NodeName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Writes what people see on Nodes: only the newest state counts, so a burst of changes is one write. */
public final class NodeWriter implements AutoCloseable {

    /** The guide's annotation: addresses held for pods. */
    static final String ALLOCATED = "k8s.aliyun.com/allocated-eniips";

    private static final Logger LOG = Logger.getLogger(NodeWriter.class);
    /** Time between two writes: bounds the load on the API server whatever the number of nodes. */
    private static final Duration PACE = Duration.ofMillis(100);

    private final KubernetesClient client;
    private final Map<NodeName, Wish> wishes = new LinkedHashMap<>(); // guarded by this
    private final Map<NodeName, Boolean> condition = new HashMap<>(); // of the writer thread
    private final Thread writer;

    private record Wish(Optional<IpamCommand.ShowStatus> status, Optional<String> ledgerId) {}

    public NodeWriter(KubernetesClient client) {
        this.client = client;
        writer = Thread.ofVirtual().name("node-writer").start(this::write);
    }

    public synchronized void status(IpamCommand.ShowStatus status) {
        Wish before = wishes.getOrDefault(status.node(), new Wish(Optional.empty(), Optional.empty()));
        wishes.put(status.node(), new Wish(Optional.of(status), before.ledgerId()));
        notifyAll();
    }

    public synchronized void anchor(IpamCommand.Anchor anchor) {
        Wish before = wishes.getOrDefault(anchor.node(), new Wish(Optional.empty(), Optional.empty()));
        wishes.put(anchor.node(), new Wish(before.status(), Optional.of(anchor.ledgerId())));
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
        Map.Entry<NodeName, Wish> first =
                Map.copyOf(wishes).entrySet().iterator().next();
        wishes.remove(first.getKey());
        return first;
    }

    private void write() {
        try {
            while (true) {
                Map.Entry<NodeName, Wish> next = take();
                try {
                    write(next.getKey(), next.getValue());
                } catch (KubernetesClientException e) {
                    LOG.warnf("node %s was not updated: %s", next.getKey(), e.getMessage());
                }
                Thread.sleep(PACE);
            }
        } catch (InterruptedException e) {
            LOG.debug("node writer stopped");
        }
    }

    private void write(NodeName name, Wish wish) {
        Map<String, String> annotations = new LinkedHashMap<>();
        wish.status().ifPresent(status -> annotations.put(ALLOCATED, Integer.toString(status.bound())));
        wish.ledgerId().ifPresent(id -> annotations.put(NodeWatch.LEDGER_ID, id));
        client.nodes()
                .withName(name.value())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations))));
        if (wish.status().isPresent()) {
            condition(name, wish.status().get());
        }
    }

    private void condition(NodeName name, IpamCommand.ShowStatus status) {
        if (Optional.of(status.sufficient()).equals(Optional.ofNullable(condition.get(name)))) {
            return;
        }
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, String> entry = Map.of(
                "type",
                "SufficientIP",
                "status",
                status.sufficient() ? "True" : "False",
                "reason",
                status.sufficient() ? "SufficientIP" : "InsufficientIP",
                "message",
                status.message(),
                "lastHeartbeatTime",
                now,
                "lastTransitionTime",
                now);
        client.nodes()
                .withName(name.value())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        Serialization.asJson(Map.of("status", Map.of("conditions", List.of(entry)))));
        condition.put(name, status.sufficient());
    }
}
