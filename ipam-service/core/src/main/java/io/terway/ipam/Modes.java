package io.terway.ipam;

import java.time.Instant;

/** Which mode is in force on a node. A node with pods keeps the one they were connected in. */
final class Modes {

    private Modes() {}

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
