package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.ipam.IpamCommand;
import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import org.jboss.logging.Logger;

/** Writes Kubernetes events, a few a second at most; a flood is cut, with a line in the log. */
public final class EventWriter implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EventWriter.class);
    private static final int QUEUE_LIMIT = 500;
    private static final int MESSAGE_LIMIT = 1_000;
    private static final Duration PACE = Duration.ofMillis(200);

    private final KubernetesClient client;
    private final String namespace;
    private final ArrayBlockingQueue<Event> queue = new ArrayBlockingQueue<>(QUEUE_LIMIT);
    private final Thread writer;

    public EventWriter(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        writer = Thread.ofVirtual().name("ipam-events").start(this::write);
    }

    /** Something about a node. */
    public void node(IpamCommand.Notice notice) {
        LOG.logf(
                notice.warning() ? Logger.Level.WARN : Logger.Level.INFO,
                "node %s: %s: %s",
                notice.node(),
                notice.reason(),
                notice.message());
        offer(event(
                "v1", "Node", "default", notice.node().value(), notice.warning(), notice.reason(), notice.message()));
    }

    /** Something about a pod. */
    public void pod(PodRef pod, String uid, String reason, String message) {
        Event event = event("v1", "Pod", pod.namespace(), pod.name(), true, reason, message);
        event.getInvolvedObject().setUid(uid.isEmpty() ? null : uid);
        offer(event);
    }

    /** Something about a PodNetInfo, or one that was. */
    void podNetInfo(PodRef pod, String uid, String reason, String message) {
        LOG.infof("PodNetInfo %s: %s: %s", pod, reason, message);
        Event event =
                event("network.alibabacloud.com/v1", "PodNetInfo", pod.namespace(), pod.name(), false, reason, message);
        event.getInvolvedObject().setUid(uid.isEmpty() ? null : uid);
        offer(event);
    }

    /** Something about the eni-config ConfigMap. */
    public void config(boolean warning, String reason, String message) {
        offer(event("v1", "ConfigMap", namespace, ConfigWatch.NAME, warning, reason, message));
    }

    @Override
    public void close() {
        writer.interrupt();
    }

    private void offer(Event event) {
        if (!queue.offer(event)) {
            LOG.warnf("no event %s: %d events are waiting already", event.getReason(), QUEUE_LIMIT);
        }
    }

    private void write() {
        try {
            while (true) {
                publish(queue.take());
                Thread.sleep(PACE);
            }
        } catch (InterruptedException e) {
            LOG.debug("events stopped");
        }
    }

    private void publish(Event event) {
        try {
            client.v1()
                    .events()
                    .inNamespace(event.getMetadata().getNamespace())
                    .resource(event)
                    .create();
        } catch (KubernetesClientException e) {
            LOG.warnf("event %s was not written: %s", event.getReason(), e.getMessage());
        }
    }

    private static Event event(
            String version, String kind, String in, String name, boolean warning, String reason, String message) {
        String now = Instant.now().toString();
        String text = message.length() <= MESSAGE_LIMIT ? message : message.substring(0, MESSAGE_LIMIT - 3) + "...";
        return new EventBuilder()
                .withNewMetadata()
                .withGenerateName("terway-ipam-")
                .withNamespace(in)
                .endMetadata()
                .withType(warning ? "Warning" : "Normal")
                .withReason(reason)
                .withMessage(text)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withNewSource()
                .withComponent("terway-ipam")
                .endSource()
                .withNewInvolvedObject()
                .withApiVersion(version)
                .withKind(kind)
                .withNamespace(kind.equals("Node") ? null : in)
                .withName(name)
                .endInvolvedObject()
                .build();
    }
}
