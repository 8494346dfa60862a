package io.terway.policy;

/** The protocols NetworkPolicy speaks about. */
public enum Protocol {
    TCP,
    UDP,
    SCTP
}
