package io.terway.ipam;

import io.terway.net.Family;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How much a node's instance still takes, and what is on its way to it. */
final class Room {

    /** Addresses of a /28. */
    static final int IPV4_BLOCK = 16;

    /** Addresses that are used of a /80: far more than a node has pods, far fewer than it has addresses. */
    static final int IPV6_BLOCK = 64;

    private Room() {}

    static int block(Family family) {
        return switch (family) {
            case IPV4 -> IPV4_BLOCK;
            case IPV6 -> IPV6_BLOCK;
        };
    }

    /** Quota entries of one ENI that pods' addresses of these families can take, each on its own. */
    static int entriesPerEni(InstanceLimits limits, Set<Family> families) {
        int entries = Integer.MAX_VALUE;
        for (Family family : families) {
            entries = Math.min(entries, limits.perEni(family));
        }
        return entries;
    }

    /** ENIs of this kind that could still be attached. */
    static int of(NodeState node, Attachment attachment, boolean trunkMissing) {
        return switch (attachment) {
            case SHARED, EXCLUSIVE -> Math.max(0, enis(node) - (trunkMissing ? 1 : 0));
            case TRUNK_MEMBER -> members(node);
            case ROUTED -> 0;
        };
    }

    /** ENIs, members not counted, that could still be attached. */
    static int enis(NodeState node) {
        int inUse = 0;
        int coming = 0;
        for (CloudEni eni : node.cloud.map(CloudInstance::enis).orElse(List.of())) {
            if (eni.use() != CloudEni.Use.MEMBER) {
                inUse += eni.phase() == CloudEni.Phase.IN_USE ? 1 : 0;
                coming += eni.phase() == CloudEni.Phase.COMING ? 1 : 0;
            }
        }
        int creating = creating(node) - creating(node, Attachment.TRUNK_MEMBER);
        return Math.max(0, node.limits.enis() - inUse - Math.max(coming, creating));
    }

    private static int members(NodeState node) {
        if (node.trunk().isEmpty()) {
            return 0;
        }
        int inUse = 0;
        int coming = 0;
        for (CloudEni eni : node.cloud.map(CloudInstance::enis).orElse(List.of())) {
            if (eni.use() == CloudEni.Use.MEMBER) {
                inUse += eni.phase() == CloudEni.Phase.IN_USE ? 1 : 0;
                coming += eni.phase() == CloudEni.Phase.COMING ? 1 : 0;
            }
        }
        int creating = creating(node, Attachment.TRUNK_MEMBER);
        return Math.max(0, node.limits.members() - inUse - Math.max(coming, creating));
    }

    /** ENIs of every kind being created. */
    static int creating(NodeState node) {
        int count = 0;
        if (node.operations.isEmpty()) {
            return 0;
        }
        for (Operation operation : node.operations.values()) {
            count += operation.creates() ? 1 : 0;
        }
        return count;
    }

    static int creating(NodeState node, Attachment attachment) {
        int count = 0;
        for (Operation operation : node.operations.values()) {
            count += operation.creates(attachment) ? 1 : 0;
        }
        return count;
    }

    /** Units of this kind, addresses or ENIs, that are ordered and not yet there. */
    static int inFlight(NodeState node, Attachment attachment, Family family) {
        if (node.operations.isEmpty() && !node.coming) {
            return 0;
        }
        int sum = 0;
        boolean creating = false;
        for (Operation operation : node.operations.values()) {
            sum += operation.brings(attachment, family);
            creating |= operation.creates();
        }
        // After a restart the creates of the former leader are seen only as ENIs on their way.
        return creating || node.cloud.isEmpty() ? sum : sum + coming(node, attachment, family);
    }

    private static int coming(NodeState node, Attachment attachment, Family family) {
        int sum = 0;
        for (CloudEni eni : node.cloud.get().enis()) {
            if (eni.phase() == CloudEni.Phase.COMING && eni.pooled()) {
                sum += switch (attachment) {
                    case SHARED ->
                        node.mode == EniConfig.Mode.ENIIP && eni.use() == CloudEni.Use.SECONDARY
                                ? addresses(eni, family)
                                : 0;
                    case EXCLUSIVE -> node.mode == EniConfig.Mode.ENI && eni.use() == CloudEni.Use.SECONDARY ? 1 : 0;
                    case TRUNK_MEMBER -> eni.use() == CloudEni.Use.MEMBER ? 1 : 0;
                    case ROUTED -> 0;
                };
            }
        }
        return sum;
    }

    private static int addresses(CloudEni eni, Family family) {
        int sum = 0;
        for (var ip : eni.all()) {
            sum += ip.family() == family ? 1 : 0;
        }
        for (var prefix : eni.prefixes()) {
            sum += prefix.family() == family ? block(family) : 0;
        }
        return sum;
    }

    /** Shared addresses of this family that could still be added without taking any off. */
    static int addresses(NodeState node, Family family, int enis) {
        int perEni = node.limits.perEni(family);
        int room = enis * perEni;
        for (EniPool eni : node.enis.values()) {
            boolean shared = node.role(eni).equals(Optional.of(Attachment.SHARED));
            room += shared && eni.usable() ? Math.max(0, perEni - eni.used(family)) : 0;
        }
        return room;
    }
}
