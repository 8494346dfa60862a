package io.terway.ipam.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.terway.ipam.IpamCommand;
import io.terway.link.Notice;
import io.terway.link.Notice.Subject;
import io.terway.link.Notices;
import io.terway.net.PodRef;
import org.jboss.logging.Logger;

/** What ipam-service tells people, as Kubernetes events: what is said again is counted, a flood is cut. */
public final class EventWriter implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EventWriter.class);

    private final Notices notices;
    private final Subject config;

    /** @param namespace of the ConfigMap */
    public EventWriter(KubernetesClient client, String namespace) {
        notices = new Notices(() -> client, "terway-ipam", "");
        config = new Subject("v1", "ConfigMap", namespace, ConfigWatch.NAME, "");
    }

    /** Something about a node. */
    public void node(IpamCommand.Notice notice) {
        LOG.logf(
                notice.warning() ? Logger.Level.WARN : Logger.Level.INFO,
                "node %s: %s: %s",
                notice.node(),
                notice.reason(),
                notice.message());
        notices.post(new Notice(Subject.node(notice.node()), notice.warning(), notice.reason(), notice.message()));
    }

    /** Something about a pod. */
    public void pod(PodRef pod, String uid, String reason, String message) {
        notices.post(Notice.warning(Subject.pod(pod, uid), reason, message));
    }

    /** Something about a PodNetInfo, or one that was. */
    void podNetInfo(PodRef pod, String uid, String reason, String message) {
        LOG.infof("PodNetInfo %s: %s: %s", pod, reason, message);
        var subject = new Subject("network.alibabacloud.com/v1", "PodNetInfo", pod.namespace(), pod.name(), uid);
        notices.post(new Notice(subject, false, reason, message));
    }

    /** Something about the eni-config ConfigMap. */
    public void config(boolean warning, String reason, String message) {
        notices.post(new Notice(config, warning, reason, message));
    }

    @Override
    public void close() {
        notices.close();
    }
}
