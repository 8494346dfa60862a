package io.terway.policy;

import java.util.List;

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
        /** No policy isolates the pod in this direction. */
        NOT_ISOLATED,
        /** A rule allows it. */
        RULE,
        /** The pod is isolated and no rule allows it. */
        ISOLATED_NO_RULE
    }

    /** A rule by its policy and index in that policy's list. */
    public record RuleId(PolicyId policy, int rule) {}

    /**
     * One side's view.
     *
     * @param isolatedBy policies that isolate the pod in this direction, sorted
     * @param allowedBy rules that let the connection pass, sorted
     */
    public record Side(Reason reason, List<PolicyId> isolatedBy, List<RuleId> allowedBy) {

        public Side {
            isolatedBy = List.copyOf(isolatedBy);
            allowedBy = List.copyOf(allowedBy);
        }

        static Side of(Reason reason) {
            return new Side(reason, List.of(), List.of());
        }

        /** True when this side lets the connection pass. */
        public boolean allowed() {
            return reason != Reason.ISOLATED_NO_RULE;
        }
    }
}
