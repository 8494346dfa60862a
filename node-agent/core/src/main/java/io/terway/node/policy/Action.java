package io.terway.node.policy;

/** What a matching rule does. */
public enum Action {
    ACCEPT,
    DENY,
    /** On to the next tier. */
    PASS
}
