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
    private final BlockingQueue<Notice> queue = new ArrayBlockingQueue<>(QUEUE_LIMIT);
    private final Thread writer;

    public PolicyEvents(KubernetesClient client, MeterRegistry metrics) {
        this.client = client;
        this.metrics = metrics;
        metrics.counter("terway_policy_rejected", "refused", "true");
        metrics.counter("terway_policy_rejected", "refused", "false");
        writer = Thread.ofVirtual().name("policy-events").start(this::write);
    }

    private record Notice(PolicyId policy, String uid, String reason, String message) {}

    /** Counts, logs and announces one fault. */
    public void accept(ObjectIntake.Fault fault) {
        boolean refused = fault.policy().policy().isEmpty();
        metrics.counter("terway_policy_rejected", "refused", Boolean.toString(refused))
                .increment();
        announce(new Notice(
                fault.policy().id(),
                fault.uid(),
                refused ? "PolicyRefused" : "PolicyUnreadable",
                fault.policy().complaint()));
    }

    /** Announces that security group rules cannot stand for a policy. */
    public void unfit(PolicyId policy, String message) {
        announce(new Notice(policy, "", "SecurityGroupUnfit", message));
    }

    private void announce(Notice notice) {
        PolicyId id = notice.policy();
        LOG.warnf("%s %s: %s", id.kind().text(), id, notice.message());
        if (!queue.offer(notice)) {
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

    private void publish(Notice notice) {
        String now = Instant.now().toString();
        PolicyId id = notice.policy();
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
                            .withReason(notice.reason())
                            .withMessage(cut(notice.message()))
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
                            .withUid(notice.uid().isEmpty() ? null : notice.uid())
                            .endInvolvedObject()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            LOG.warnf("event for %s was not written: %s", id, e.getMessage());
        }
    }

    private static String cut(String text) {
        return text.length() <= MESSAGE_LIMIT ? text : text.substring(0, MESSAGE_LIMIT - 3) + "...";
    }
}
