package io.terway.policy;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What policy says of one connection: it passes when both sides let it.
 *
 * @param ingress the destination's side
 * @param egress the source's side
 */
public record Verdict(Side ingress, Side egress) {

    /** True when the connection passes. */
    public boolean allowed() {
        return ingress.allowed() && egress.allowed();
    }

    /** Why a side says what it says. */
    public enum Reason {
        /** The address is no pod that policy can select. */
        NOT_A_POLICY_SUBJECT,
        /** The other end is the pod's own node. */
        OWN_NODE,
        /** A pod always reaches itself. */
        SELF,
        /** No policy isolates the pod in this direction, and no tier decides. */
        NOT_ISOLATED,
        /** A rule decides: it allows, or a tier's rule denies. */
        RULE,
        /** The pod is isolated and no rule allows it. */
        ISOLATED_NO_RULE
    }

    /** A rule by its policy and index in that policy's list. */
    public record RuleId(PolicyId policy, int rule) implements Comparable<RuleId> {
        @Override
        public int compareTo(RuleId other) {
            int byPolicy = policy.compareTo(other.policy);
            return byPolicy != 0 ? byPolicy : Integer.compare(rule, other.rule);
        }
    }

    /** Requests that a rule lets through. */
    public record Http(RuleId rule, List<HttpRule> requests) {
        public Http {
            requests = List.copyOf(requests);
        }
    }

    /**
     * One side's view.
     *
     * @param isolatedBy policies that isolate the pod in this direction, sorted; empty when a tier or no policy decides
     * @param allowedBy rules that let the connection pass, sorted
     * @param deniedBy the tier's rule that denies
     * @param l7 not empty: the connection passes, and each request only if one of these lets it
     */
    public record Side(
            Reason reason,
            List<PolicyId> isolatedBy,
            List<RuleId> allowedBy,
            Optional<RuleId> deniedBy,
            List<Http> l7) {

        public Side {
            Objects.requireNonNull(reason);
            isolatedBy = List.copyOf(isolatedBy);
            allowedBy = List.copyOf(allowedBy);
            l7 = List.copyOf(l7);
        }

        static Side of(Reason reason) {
            return new Side(reason, List.of(), List.of(), Optional.empty(), List.of());
        }

        /** True when this side lets the connection pass. */
        public boolean allowed() {
            return reason != Reason.ISOLATED_NO_RULE && deniedBy.isEmpty();
        }
    }
}
