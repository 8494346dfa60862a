package io.terway.policy;

/** A policy of any kind. */
public sealed interface Policy permits NetworkPolicy, ClusterPolicy {

    PolicyId id();

    /** The pods it speaks about. */
    Peer.Pods subject();
}
