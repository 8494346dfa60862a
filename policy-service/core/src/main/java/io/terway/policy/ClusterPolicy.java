package io.terway.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * A ClusterNetworkPolicy: rules in an order, around the NetworkPolicy tier. It isolates nobody by itself.
 *
 * @param priority lower goes first within the tier; equal ones go by name
 */
public record ClusterPolicy(
        PolicyId id, Tier tier, int priority, Peer.Pods subject, List<TierRule> ingress, List<TierRule> egress)
        implements Policy {

    /** Order of evaluation within a tier. */
    public static final Comparator<ClusterPolicy> ORDER =
            Comparator.comparingInt(ClusterPolicy::priority).thenComparing(ClusterPolicy::id);

    /** Before or after the NetworkPolicy tier. */
    public enum Tier {
        ADMIN,
        BASELINE
    }

    /** What a matching rule does. */
    public enum Action {
        /** Final: passes. */
        ACCEPT,
        /** Final: dropped. */
        DENY,
        /** On to the next tier. */
        PASS
    }

    /**
     * One rule.
     *
     * @param index its place in the policy's list
     * @param peers any of these; empty: nobody
     * @param ports any of these; empty: none
     */
    public record TierRule(int index, Action action, List<Peer> peers, List<PortMatch> ports) {
        public TierRule {
            Objects.requireNonNull(action);
            peers = List.copyOf(peers);
            ports = List.copyOf(ports);
        }
    }

    public ClusterPolicy {
        Objects.requireNonNull(id);
        Objects.requireNonNull(tier);
        Objects.requireNonNull(subject);
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
    }

    /** Rules of one direction, in order. */
    public List<TierRule> rules(Direction direction) {
        return switch (direction) {
            case INGRESS -> ingress;
            case EGRESS -> egress;
        };
    }
}
