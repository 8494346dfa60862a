package io.terway.node.policy;

/** Whose namespace a table is in, which decides where packets meet it. */
public enum TablePlace {
    /** The node's: pods whose packets pass the host's stack. */
    NODE,
    /** A pod's own: its link is the VPC's, so the host sees only what goes by the host peer, and judges that. */
    POD
}
