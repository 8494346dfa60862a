package io.terway.ipam;

import java.time.Instant;
import java.util.Optional;

/** Which mode is in force on a node. A node with pods keeps the one they were connected in. */
final class Modes {

    private static final Optional<Attachment> SHARED = Optional.of(Attachment.SHARED);
    private static final Optional<Attachment> EXCLUSIVE = Optional.of(Attachment.EXCLUSIVE);
    private static final Optional<Attachment> MEMBER = Optional.of(Attachment.TRUNK_MEMBER);
    private static final Optional<Attachment> ROUTED = Optional.of(Attachment.ROUTED);

    private Modes() {}

    /** What a mode makes of an ENI; empty: no pod gets addresses of it. */
    static Optional<Attachment> role(EniConfig.Mode mode, EniPool eni) {
        return switch (eni.use()) {
            case PRIMARY -> mode == EniConfig.Mode.VPC ? ROUTED : Optional.empty();
            case MEMBER -> mode == EniConfig.Mode.TRUNK || mode == EniConfig.Mode.ENIIP ? MEMBER : Optional.empty();
            case TRUNK -> mode == EniConfig.Mode.ENIIP ? SHARED : Optional.empty();
            case SECONDARY ->
                switch (mode) {
                    case ENIIP -> eni.dedicated ? EXCLUSIVE : SHARED;
                    case ENI -> EXCLUSIVE;
                    case TRUNK, VPC -> Optional.empty();
                };
            case OTHER -> Optional.empty();
        };
    }

    /** For a node whose ledger was just read: the configured one where its pods fit, else theirs. */
    static EniConfig.Mode of(Cluster cluster, NodeState node) {
        EniConfig.Mode wanted = cluster.config(node).mode();
        if (fits(node, wanted)) {
            return wanted;
        }
        for (EniConfig.Mode mode : EniConfig.Mode.values()) {
            if (fits(node, mode)) {
                return mode;
            }
        }
        return EniConfig.Mode.ENIIP;
    }

    private static boolean fits(NodeState node, EniConfig.Mode mode) {
        return node.bindings.values().stream().allMatch(binding -> fits(binding.attachment(), mode));
    }

    private static boolean fits(Attachment attachment, EniConfig.Mode mode) {
        return switch (mode) {
            case ENIIP -> attachment != Attachment.ROUTED;
            case ENI, TRUNK, VPC -> attachment == mode.usual();
        };
    }

    /** Takes a changed mode over once the node has no pods. */
    static void follow(Cluster cluster, NodeState node, Instant now) {
        EniConfig.Mode wanted = cluster.config(node).mode();
        if (wanted == node.mode || cluster.revision == 0) {
            return;
        }
        if (!node.bindings.isEmpty()) {
            cluster.sayOnce(
                    node,
                    "ModeChangeRefused",
                    "network_mode stays " + node.mode + " on node " + node.name + ", which has " + node.bindings.size()
                            + " pods; " + wanted + " is taken over when it has none: drain it");
            return;
        }
        node.requests.forgetAll(now);
        node.mode = wanted;
        node.enis.values().forEach(eni -> eni.dedicated = false);
        cluster.refresh(node);
    }
}
