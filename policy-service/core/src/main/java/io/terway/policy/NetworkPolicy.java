package io.terway.policy;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A NetworkPolicy after defaulting: which directions it isolates is explicit.
 *
 * @param id namespace and name
 * @param subject pods of its namespace that it binds
 * @param ingress rules of a policy that isolates ingress; empty optional: it does not speak of ingress
 * @param egress likewise for egress
 */
public record NetworkPolicy(
        PolicyId id, Selector subject, Optional<List<PolicyRule>> ingress, Optional<List<PolicyRule>> egress) {

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
