package io.terway.ipam;

import io.terway.net.Family;
import java.util.Optional;
import java.util.Set;

/** How a pod with its wishes is connected on a node, and when there is no room left for it. */
final class Attachments {

    private Attachments() {}

    static Attachment of(Cluster cluster, NodeState node, PodWishes wishes) {
        if (node.mode != EniConfig.Mode.ENIIP || !wishes.needsOwnEni()) {
            return node.mode.usual();
        }
        EniUse use = cluster.config(node).eniUse();
        Attachment own = own(cluster, node);
        boolean mayShare = !use.ownEniRequired() && wishes.groups().isEmpty();
        if (mayShare && full(cluster, node, own, Set.of()).isPresent()) {
            cluster.sayOnce(
                    node,
                    "OwnEniShared",
                    "no ENI slot is left on node " + node.name
                            + "; pods that ask for an ENI of their own share one (own_eni is preferred)");
            return Attachment.SHARED;
        }
        return own;
    }

    /** How a pod with an ENI of its own is connected. */
    static Attachment own(Cluster cluster, NodeState node) {
        if (node.mode != EniConfig.Mode.ENIIP) {
            return node.mode.usual();
        }
        EniUse use = cluster.config(node).eniUse();
        boolean members = use.trunk() && node.limits.members() > 0;
        boolean slots = Room.enis(node) > 0 || node.enis.values().stream().anyMatch(eni -> eni.dedicated && eni.free());
        return members && (use.preferTrunk() || !slots) ? Attachment.TRUNK_MEMBER : Attachment.EXCLUSIVE;
    }

    static String refusedInVpc(PodWishes wishes) {
        String key =
                wishes.fixed() ? PodWishes.FIXED : wishes.groups().isEmpty() ? PodWishes.OWN_ENI : PodWishes.GROUPS;
        return "annotation " + key + " cannot be met in network_mode VPC; it needs ENIIP, ENI or Trunk";
    }

    /** Why there will be no unit of this kind until one is released; empty while there may be one. */
    static Optional<String> full(Cluster cluster, NodeState node, Attachment attachment, Set<Family> families) {
        return switch (attachment) {
            case SHARED ->
                families.stream()
                        .filter(family -> sharedIsFull(cluster, node, family))
                        .findFirst()
                        .map(family -> "node " + node.name + " holds " + node.census.held(family) + " of "
                                + Capacity.of(cluster, node, family) + " " + family
                                + " addresses its instance type allows and all are in use");
            case EXCLUSIVE, TRUNK_MEMBER ->
                Reclaim.possible(cluster, node, attachment) ? Optional.empty() : ownIsFull(node, attachment);
            case ROUTED ->
                families.stream()
                        .filter(family -> routedIsFull(node, family))
                        .findFirst()
                        .map(family -> "all " + node.count(family, Census.Kind.BOUND) + " " + family
                                + " addresses of the pod CIDR of node " + node.name + " are in use");
        };
    }

    private static boolean sharedIsFull(Cluster cluster, NodeState node, Family family) {
        int capacity = Capacity.of(cluster, node, family);
        boolean known = node.cloud.isPresent();
        return known
                && !Reclaim.possible(cluster, node, Attachment.SHARED)
                && Room.addresses(node, family, Room.enis(node)) == 0
                && Room.inFlight(node, Attachment.SHARED, family) == 0
                && sharedBound(node, family) >= Math.min(capacity, sharedLive(node, family));
    }

    private static int sharedBound(NodeState node, Family family) {
        int sum = 0;
        for (EniPool eni : node.enis.values()) {
            sum += shared(node, eni) ? eni.census.count(family, Census.Kind.BOUND) : 0;
        }
        return sum;
    }

    private static int sharedLive(NodeState node, Family family) {
        int sum = 0;
        for (EniPool eni : node.enis.values()) {
            sum += shared(node, eni) ? eni.live(family) : 0;
        }
        return sum;
    }

    private static boolean shared(NodeState node, EniPool eni) {
        return node.role(eni).orElse(null) == Attachment.SHARED;
    }

    private static Optional<String> ownIsFull(NodeState node, Attachment attachment) {
        boolean member = attachment == Attachment.TRUNK_MEMBER;
        if (node.cloud.isEmpty()
                || member && node.limits.members() > 0 && node.trunk().isEmpty()) {
            return Optional.empty(); // the trunk comes first
        }
        int taken = 0;
        for (EniPool eni : node.enis.values()) {
            if (node.role(eni).orElse(null) == attachment) {
                if (eni.census.count(Census.Kind.BOUND) == 0) {
                    return Optional.empty();
                }
                taken++;
            }
        }
        boolean room = Room.of(node, attachment, false) > 0 || Room.creating(node, attachment) > 0;
        return room
                ? Optional.empty()
                : Optional.of("no " + (member ? "member ENI" : "ENI slot") + " is left on node " + node.name + ": "
                        + taken + " are pods' own and the instance type allows "
                        + (member ? node.limits.members() + " members" : node.limits.enis() + " ENIs"));
    }

    private static boolean routedIsFull(NodeState node, Family family) {
        int all = 0;
        int bound = 0;
        for (EniPool eni : node.enis.values()) {
            if (node.role(eni).orElse(null) == Attachment.ROUTED) {
                all += eni.live(family);
                bound += eni.census.count(family, Census.Kind.BOUND);
            }
        }
        return all > 0 && bound == all;
    }
}
