package io.terway.agent.pods;

import io.terway.node.ledger.PodLife;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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

    /**
     * Why the pod cannot be connected as its annotations ask; empty when it can. A pod that asks for an ENI, a security
     * group or a fixed address must never get an ordinary address instead.
     */
    public Optional<String> unmet() {
        return Stream.of(
                        wish(OWN_ENI, "an ENI of its own"),
                        wish(FIXED, "a fixed address"),
                        groups(GROUP),
                        groups(GROUPS))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<String> wish(String annotation, String what) {
        String value = annotations.get(annotation);
        if (value == null || value.equals("false")) {
            return Optional.empty();
        }
        if (!value.equals("true")) {
            return Optional.of("annotation " + annotation + " is '" + value + "'; it must be 'true' or 'false'");
        }
        return Optional.of("annotation " + annotation + " asks for " + what
                + ", which this version does not give yet; remove the annotation to get an ordinary address");
    }

    private Optional<String> groups(String annotation) {
        return Optional.ofNullable(annotations.get(annotation))
                .map(value -> "annotation " + annotation + " asks for security groups '" + value
                        + "', which need an ENI of its own, and this version does not give that yet; remove the annotation"
                        + " to get an address under the node's security groups");
    }

    /** True when any address of the node will do; others need ipam-service's choice. */
    public boolean isOrdinary() {
        return !"true".equals(annotations.get(FIXED))
                && !"true".equals(annotations.get(OWN_ENI))
                && !annotations.containsKey(GROUP)
                && !annotations.containsKey(GROUPS);
    }
}
