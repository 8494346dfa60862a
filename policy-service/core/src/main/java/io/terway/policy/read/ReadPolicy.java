package io.terway.policy.read;

import io.terway.policy.Policy;
import io.terway.policy.PolicyId;
import java.util.List;
import java.util.Optional;

/**
 * A policy as far as it could be read.
 *
 * @param policy empty when its subject cannot be read: it selects nobody
 * @param faults what could not be read, each with its path; those parts allow nothing
 */
public record ReadPolicy(PolicyId id, Optional<Policy> policy, List<String> faults) {
    public ReadPolicy {
        faults = List.copyOf(faults);
    }

    /** One line for people: what is wrong and what follows from it. */
    public String complaint() {
        return String.join("; ", faults)
                + (policy.isEmpty()
                        ? ": the policy is refused and selects nobody"
                        : ": the rest is in force, these parts allow nothing");
    }
}
