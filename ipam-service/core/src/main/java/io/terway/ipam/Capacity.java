package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.util.Set;

/** Pods a node can hold an address for, in the units that its mode counts. */
final class Capacity {

    private Capacity() {}

    /** 0 while the instance's limits are unknown. */
    static int of(Cluster cluster, NodeState node) {
        Set<Family> families = cluster.config(node).stack().families();
        return switch (node.mode) {
            case ENIIP -> shared(cluster, node, families);
            case ENI -> Math.max(0, node.limits.enis() - 1);
            case TRUNK -> node.limits.members();
            case VPC -> routed(node, families);
        };
    }

    /** The same while some ENIs are pods' own: such a one holds one pod. Else the scheduler would send too many. */
    static int beside(Cluster cluster, NodeState node) {
        int all = of(cluster, node);
        if (node.mode != EniConfig.Mode.ENIIP || all == 0) {
            return all;
        }
        int perEni = all / Math.max(1, node.limits.enis() - 1);
        for (EniPool eni : node.enis.values()) {
            boolean taken = eni.dedicated && eni.census.count(Census.Kind.BOUND) > 0;
            all -= taken ? perEni - 1 : 0;
        }
        return all;
    }

    /** ENIs that pods can have whole: in ENIIP mode those that are not shared. */
    static int enis(NodeState node) {
        return switch (node.mode) {
            case ENI -> Math.max(0, node.limits.enis() - 1);
            case ENIIP -> {
                int whole = Room.enis(node);
                for (EniPool eni : node.enis.values()) {
                    whole += eni.dedicated ? 1 : 0;
                }
                yield whole;
            }
            case TRUNK, VPC -> 0;
        };
    }

    static int members(Cluster cluster, NodeState node) {
        boolean trunk = node.mode == EniConfig.Mode.TRUNK
                || node.mode == EniConfig.Mode.ENIIP
                        && cluster.config(node).eniUse().trunk();
        return trunk ? node.limits.members() : 0;
    }

    private static int shared(Cluster cluster, NodeState node, Set<Family> families) {
        int least = Integer.MAX_VALUE;
        for (Family family : families) {
            least = Math.min(least, of(cluster, node, family));
        }
        return least;
    }

    /** Addresses of one family that shared ENIs could hold: the primary ENI's belong to the node. */
    static int of(Cluster cluster, NodeState node, Family family) {
        int enis = Math.max(0, node.limits.enis() - 1);
        int perEni = node.limits.perEni(family);
        if (!cluster.config(node).eniUse().prefixes()) {
            return enis * perEni;
        }
        // An ENI's own IPv4 address is single and takes an entry.
        int own = family == Family.IPV4 ? 1 : 0;
        return perEni == 0 ? 0 : enis * (own + (perEni - own) * Room.block(family));
    }

    private static int routed(NodeState node, Set<Family> families) {
        int least = Integer.MAX_VALUE;
        for (Family family : families) {
            int usable = 0;
            for (Cidr cidr : node.routes.keySet()) {
                usable += cidr.family() == family ? Routes.addressesOf(cidr).size() : 0;
            }
            least = Math.min(least, usable);
        }
        return least;
    }
}
