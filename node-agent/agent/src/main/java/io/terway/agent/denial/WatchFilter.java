package io.terway.agent.denial;

import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.DenialEnd;

/**
 * Which denials somebody wants to see: either end must be meant.
 *
 * @param namespace of a pod; empty: any
 * @param pod its name; empty: any
 */
public record WatchFilter(String namespace, String pod) {

    public WatchFilter {
        if (!pod.isEmpty() && namespace.isEmpty()) {
            throw new IllegalArgumentException("pod is '" + pod + "', but namespace is empty: both are needed");
        }
    }

    boolean lets(Denial denial) {
        return lets(denial.getFrom()) || lets(denial.getTo());
    }

    private boolean lets(DenialEnd end) {
        Pod of = end.getPod();
        return (namespace.isEmpty() || namespace.equals(of.getNamespace()))
                && (pod.isEmpty() || pod.equals(of.getName()));
    }
}
