package io.terway.agent.pods;

import io.terway.node.ledger.PodLife;
import java.util.Map;

/**
 * A pod as the API server shows it.
 *
 * @param annotations those of ours
 */
public record KnownPod(PodLife life, Map<String, String> annotations) {

    private static final String FIXED = "k8s.aliyun.com/pod-bindable";
    private static final String OWN_ENI = "k8s.aliyun.com/eni";
    private static final String GROUP = "k8s.aliyun.com/security-group";
    private static final String GROUPS = "k8s.aliyun.com/security-groups";

    public KnownPod {
        annotations = Map.copyOf(annotations);
    }

    /** True when any address of the node will do; others need ipam-service's choice. */
    public boolean isOrdinary() {
        return !"true".equals(annotations.get(FIXED))
                && !"true".equals(annotations.get(OWN_ENI))
                && !annotations.containsKey(GROUP)
                && !annotations.containsKey(GROUPS);
    }
}
