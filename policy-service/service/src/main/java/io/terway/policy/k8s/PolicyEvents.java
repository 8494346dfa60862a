package io.terway.policy.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.link.Notice;
import io.terway.link.Notices;
import io.terway.policy.PolicyId;
import org.jboss.logging.Logger;

/** Tells people which policies could not be read, as events on them and as a count. Never blocks its callers. */
public final class PolicyEvents implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PolicyEvents.class);

    private final MeterRegistry metrics;
    private final Notices notices;

    public PolicyEvents(KubernetesClient client, MeterRegistry metrics) {
        this.metrics = metrics;
        metrics.counter("terway_policy_rejected", "refused", "true");
        metrics.counter("terway_policy_rejected", "refused", "false");
        notices = new Notices(() -> client, "terway-policy", "");
    }

    /** Counts, logs and announces one fault. */
    public void accept(ObjectIntake.Fault fault) {
        boolean refused = fault.policy().policy().isEmpty();
        metrics.counter("terway_policy_rejected", "refused", Boolean.toString(refused))
                .increment();
        announce(
                fault.policy().id(),
                fault.uid(),
                refused ? "PolicyRefused" : "PolicyUnreadable",
                fault.policy().complaint());
    }

    /** Announces that security group rules cannot stand for a policy. */
    public void unfit(PolicyId policy, String message) {
        announce(policy, "", "SecurityGroupUnfit", message);
    }

    private void announce(PolicyId id, String uid, String reason, String message) {
        LOG.warnf("%s %s: %s", id.kind().text(), id, message);
        notices.post(Notice.warning(
                new Notice.Subject(id.kind().apiVersion(), id.kind().text(), id.namespace(), id.name(), uid),
                reason,
                message));
    }

    @Override
    public void close() {
        notices.close();
    }
}
