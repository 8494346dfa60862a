package io.terway.agent.pods;

import io.terway.node.commit.Proposal;
import io.terway.node.ledger.EniGroups;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.PodLife;
import io.terway.node.priority.NetworkPriority;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A pod as the API server shows it.
 *
 * @param annotations those of ours
 */
public record KnownPod(PodLife life, Map<String, String> annotations) {

    static final String FIXED = "k8s.aliyun.com/pod-bindable";
    private static final String OWN_ENI = "k8s.aliyun.com/eni";
    private static final String GROUP = "k8s.aliyun.com/security-group";
    private static final String GROUPS = "k8s.aliyun.com/security-groups";
    private static final String PRIORITY = "k8s.aliyun.com/network-priority";

    public KnownPod {
        annotations = Map.copyOf(annotations);
    }

    /** Why the pod cannot be connected as its annotations ask on a node of this mode; empty when it can. */
    public Optional<String> unmet(NetworkMode mode) {
        return Stream.of(
                        unreadable(OWN_ENI),
                        unreadable(FIXED),
                        contradiction(),
                        beyond(mode),
                        unreadableRate(),
                        unreadablePriority())
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<String> unreadable(String annotation) {
        return Optional.ofNullable(annotations.get(annotation))
                .filter(value -> !value.equals("true") && !value.equals("false"))
                .map(value -> "annotation " + annotation + " is '" + value + "'; it must be 'true' or 'false'");
    }

    private Optional<String> unreadableRate() {
        try {
            Bandwidth.of(annotations);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    private Optional<String> unreadablePriority() {
        try {
            priority();
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("annotation " + PRIORITY + " is " + e.getMessage());
        }
    }

    private NetworkPriority priority() {
        return Optional.ofNullable(annotations.get(PRIORITY))
                .map(NetworkPriority::parse)
                .orElse(NetworkPriority.BURSTABLE);
    }

    private Optional<String> contradiction() {
        String one = annotations.get(GROUP);
        String other = annotations.get(GROUPS);
        return one == null || other == null || one.equals(other)
                ? Optional.empty()
                : Optional.of("annotations " + GROUP + " '" + one + "' and " + GROUPS + " '" + other
                        + "' contradict each other; keep one of them");
    }

    private Optional<String> beyond(NetworkMode mode) {
        return mode != NetworkMode.VPC || isOrdinary()
                ? Optional.empty()
                : Optional.of("its annotations ask for an ENI, security groups or a fixed address of its own, which"
                        + " network_mode VPC does not have; remove them or use another mode");
    }

    /**
     * Why a proposal is not what the annotations ask for; empty when it is. A pod that asks for an ENI, a security group
     * or a fixed address never gets an ordinary address instead, whatever the version of ipam-service.
     */
    public Optional<String> betrayal(Proposal proposal) {
        if (wantsOwnEni() && !proposal.attachment().takesWholeEni()) {
            return Optional.of("its annotations ask for an ENI of its own, and ipam-service proposes the "
                    + proposal.attachment() + " address " + proposal.addresses());
        }
        if (isFixed() && !proposal.fixed()) {
            return Optional.of("annotation " + FIXED + " asks for a fixed address, and " + proposal.addresses()
                    + ", which ipam-service proposes, is none");
        }
        return Optional.empty();
    }

    /** What it may receive and send; a pod whose wish is unreadable is never added. */
    public Bandwidth bandwidth() {
        return unreadableRate().isPresent() ? Bandwidth.UNLIMITED : Bandwidth.of(annotations);
    }

    /** Whose packets go first; a pod whose wish is unreadable is never added. */
    public NetworkPriority networkPriority() {
        return unreadablePriority().isPresent() ? NetworkPriority.BURSTABLE : priority();
    }

    /** True when any address of the node will do; others need ipam-service's choice. */
    public boolean isOrdinary() {
        return !isFixed() && !wantsOwnEni();
    }

    /** True when its address is one that it keeps. */
    public boolean isFixed() {
        return isTrue(FIXED);
    }

    /** Whose security groups its ENI has once it is connected. */
    public EniGroups groups() {
        return asksForGroups() ? EniGroups.POD : EniGroups.POOL;
    }

    private boolean wantsOwnEni() {
        return isTrue(OWN_ENI) || asksForGroups();
    }

    private boolean asksForGroups() {
        return annotations.containsKey(GROUP) || annotations.containsKey(GROUPS);
    }

    private boolean isTrue(String annotation) {
        return "true".equals(annotations.get(annotation));
    }
}
