package io.terway.policy;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A NetworkPolicy or CiliumNetworkPolicy after defaulting: which directions it isolates is explicit.
 *
 * @param subject pods of its namespace that it binds
 * @param ingress rules of a policy that isolates ingress; empty optional: it does not speak of ingress
 * @param egress likewise for egress
 * @param bySecurityGroup asks to be enforced as security group rules where that is possible
 */
public record NetworkPolicy(
        PolicyId id,
        Peer.Pods subject,
        Optional<List<PolicyRule>> ingress,
        Optional<List<PolicyRule>> egress,
        boolean bySecurityGroup)
        implements Policy {

    public NetworkPolicy {
        Objects.requireNonNull(id);
        Objects.requireNonNull(subject);
        ingress = ingress.map(List::copyOf);
        egress = egress.map(List::copyOf);
    }

    /** Rules of one direction; empty optional when the policy does not isolate it. */
    public Optional<List<PolicyRule>> rules(Direction direction) {
        return switch (direction) {
            case INGRESS -> ingress;
            case EGRESS -> egress;
        };
    }
}
