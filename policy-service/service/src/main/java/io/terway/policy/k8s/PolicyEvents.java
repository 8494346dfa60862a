package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.policy.PolicyId;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jboss.logging.Logger;

/** Tells people which policies could not be read, as events on them and as a count. Never blocks its callers. */
public final class PolicyEvents implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PolicyEvents.class);

    /** Events waiting to be written; further ones are counted and logged only. */
    private static final int QUEUE_LIMIT = 256;

    private static final int MESSAGE_LIMIT = 1_000;

    private final KubernetesClient client;
    private final MeterRegistry metrics;
    private final BlockingQueue<ObjectIntake.Fault> queue = new ArrayBlockingQueue<>(QUEUE_LIMIT);
    private final Thread writer;

    public PolicyEvents(KubernetesClient client, MeterRegistry metrics) {
        this.client = client;
        this.metrics = metrics;
        metrics.counter("terway_policy_rejected", "refused", "true");
        metrics.counter("terway_policy_rejected", "refused", "false");
        writer = Thread.ofVirtual().name("policy-events").start(this::write);
    }

    /** Counts, logs and announces one fault. */
    public void accept(ObjectIntake.Fault fault) {
        metrics.counter("terway_policy_rejected", "refused", Boolean.toString(refused(fault)))
                .increment();
        PolicyId id = fault.policy().id();
        LOG.warnf("%s %s: %s", id.kind().text(), id, message(fault));
        if (!queue.offer(fault)) {
            LOG.warnf("no event for %s: %d events are waiting already", id, QUEUE_LIMIT);
        }
    }

    @Override
    public void close() {
        writer.interrupt();
    }

    private void write() {
        try {
            while (true) {
                publish(queue.take());
            }
        } catch (InterruptedException e) {
            LOG.debug("policy events stopped");
        }
    }

    private void publish(ObjectIntake.Fault fault) {
        String now = Instant.now().toString();
        PolicyId id = fault.policy().id();
        // Events on cluster-wide objects live in the default namespace.
        String namespace = id.namespace().isEmpty() ? "default" : id.namespace();
        try {
            client.v1()
                    .events()
                    .inNamespace(namespace)
                    .resource(new EventBuilder()
                            .withNewMetadata()
                            .withGenerateName("terway-policy-")
                            .withNamespace(namespace)
                            .endMetadata()
                            .withType("Warning")
                            .withReason(refused(fault) ? "PolicyRefused" : "PolicyUnreadable")
                            .withMessage(message(fault))
                            .withFirstTimestamp(now)
                            .withLastTimestamp(now)
                            .withCount(1)
                            .withNewSource()
                            .withComponent("terway-policy")
                            .endSource()
                            .withNewInvolvedObject()
                            .withApiVersion(id.kind().apiVersion())
                            .withKind(id.kind().text())
                            .withNamespace(id.namespace())
                            .withName(id.name())
                            .withUid(fault.uid())
                            .endInvolvedObject()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            LOG.warnf("event for %s was not written: %s", id, e.getMessage());
        }
    }

    private static boolean refused(ObjectIntake.Fault fault) {
        return fault.policy().policy().isEmpty();
    }

    private static String message(ObjectIntake.Fault fault) {
        String text = fault.policy().complaint();
        return text.length() <= MESSAGE_LIMIT ? text : text.substring(0, MESSAGE_LIMIT - 3) + "...";
    }
}
