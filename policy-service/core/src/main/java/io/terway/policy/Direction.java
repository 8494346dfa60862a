package io.terway.policy;

/** As the pod sees it: what comes in, what goes out. */
public enum Direction {
    INGRESS,
    EGRESS
}
