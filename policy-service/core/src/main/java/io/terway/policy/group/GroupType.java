package io.terway.policy.group;

/** The two kinds of security groups; they differ in what they do without rules and in what a rule may name. */
public enum GroupType {
    /** Members reach each other, everything goes out; rules may name other groups. */
    BASIC,
    /** Nothing passes without a rule; rules name addresses only. */
    ENTERPRISE
}
