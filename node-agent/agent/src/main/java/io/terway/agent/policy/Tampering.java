package io.terway.agent.policy;

import io.terway.link.Notice;
import io.terway.net.NodeName;
import io.terway.node.ledger.PodLife;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Tells that somebody else changed what enforces policy: in the log each time, to Kubernetes on the node or the pod. */
final class Tampering implements Consumer<Optional<PodLife>> {

    private static final Logger LOG = Logger.getLogger(Tampering.class);

    private static final String REASON = "PolicyTampered";

    private final NodeName node;
    private final Consumer<Notice> notices;

    Tampering(NodeName node, Consumer<Notice> notices) {
        this.node = node;
        this.notices = notices;
    }

    /** @param pod whose table it is; empty: the node's */
    @Override
    public void accept(Optional<PodLife> pod) {
        if (pod.isPresent()) {
            LOG.warnf("pod %s altered the policy table in its own namespace; it is repaired", pod.get());
            notices.accept(Notice.warning(
                    Notice.Subject.pod(pod.get().ref(), pod.get().uid()),
                    REASON,
                    "the pod altered nftables in its own network namespace, where its policy is enforced, and it was put back;"
                            + " take NET_ADMIN from its containers, or find out what in it does this"));
        } else {
            LOG.warn("somebody changed our nftables table; it is repaired");
            notices.accept(Notice.warning(
                    Notice.Subject.node(node),
                    REASON,
                    "somebody changed the nftables table inet terway, which enforces policy on this node, and it was put back;"
                            + " \"nft monitor\" on the node shows by which process"));
        }
    }
}
