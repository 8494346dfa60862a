package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
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
    private final BlockingQueue<PolicyWatch.Fault> queue = new ArrayBlockingQueue<>(QUEUE_LIMIT);
    private final Thread writer;

    public PolicyEvents(KubernetesClient client, MeterRegistry metrics) {
        this.client = client;
        this.metrics = metrics;
        metrics.counter("terway_policy_rejected", "refused", "true");
        metrics.counter("terway_policy_rejected", "refused", "false");
        writer = Thread.ofVirtual().name("policy-events").start(this::write);
    }

    /** Counts, logs and announces one fault. */
    public void accept(PolicyWatch.Fault fault) {
        metrics.counter("terway_policy_rejected", "refused", Boolean.toString(fault.refused()))
                .increment();
        LOG.warnf("NetworkPolicy %s: %s", fault.policy(), message(fault));
        if (!queue.offer(fault)) {
            LOG.warnf("no event for %s: %d events are waiting already", fault.policy(), QUEUE_LIMIT);
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

    private void publish(PolicyWatch.Fault fault) {
        String now = Instant.now().toString();
        try {
            client.v1()
                    .events()
                    .inNamespace(fault.policy().namespace())
                    .resource(new EventBuilder()
                            .withNewMetadata()
                            .withGenerateName("terway-policy-")
                            .withNamespace(fault.policy().namespace())
                            .endMetadata()
                            .withType("Warning")
                            .withReason("PolicyUnreadable")
                            .withMessage(message(fault))
                            .withFirstTimestamp(now)
                            .withLastTimestamp(now)
                            .withCount(1)
                            .withNewSource()
                            .withComponent("terway-policy")
                            .endSource()
                            .withNewInvolvedObject()
                            .withApiVersion("networking.k8s.io/v1")
                            .withKind("NetworkPolicy")
                            .withNamespace(fault.policy().namespace())
                            .withName(fault.policy().name())
                            .withUid(fault.uid())
                            .endInvolvedObject()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            LOG.warnf("event for %s was not written: %s", fault.policy(), e.getMessage());
        }
    }

    private static String message(PolicyWatch.Fault fault) {
        String text = String.join("; ", fault.texts())
                + (fault.refused()
                        ? ": the policy is refused and selects nobody"
                        : ": the rest is in force, this part allows nothing");
        return text.length() <= MESSAGE_LIMIT ? text : text.substring(0, MESSAGE_LIMIT - 3) + "...";
    }
}
