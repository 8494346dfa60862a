package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which free addresses a request gets. Addresses of both families are of one ENI: a pod has one way out. */
final class Choosing {

    private final Cluster cluster;

    Choosing(Cluster cluster) {
        this.cluster = cluster;
    }

    /** One slot per family, the ENI's others too where the pod gets it whole; empty when there is none. */
    List<Slot> choose(
            NodeState node,
            Attachment attachment,
            Set<Family> families,
            Set<Ip> refused,
            List<SecurityGroupId> groups) {
        return attachment.wholeEni()
                ? whole(node, attachment, families, refused, groups)
                : shared(node, attachment, families, refused);
    }

    /** Where most addresses are (or fewest), and there the ones freed last: those left over grow old and go back. */
    private List<Slot> shared(NodeState node, Attachment attachment, Set<Family> families, Set<Ip> refused) {
        boolean fullest = cluster.targets(node).fullestEniFirst();
        Family counted = families.contains(Family.IPV4) ? Family.IPV4 : Family.IPV6;
        EniPool best = null;
        List<Slot> found = List.of();
        for (EniPool eni : node.enis.values()) {
            boolean none = eni.idle(counted).isEmpty() || !node.serves(eni, attachment);
            if (none || best != null && fullest == (eni.used(counted) <= best.used(counted))) {
                continue;
            }
            List<Slot> here = here(eni, families, refused);
            if (!here.isEmpty() && !OwnEnis.foreignGroups(cluster, node, eni)) {
                best = eni;
                found = here;
            }
        }
        return found;
    }

    private static List<Slot> here(EniPool eni, Set<Family> families, Set<Ip> refused) {
        if (families.size() == 1) {
            Slot slot = eni.idle(families.iterator().next()).last(refused);
            return slot == null ? List.of() : List.of(slot);
        }
        Slot ipv4 = eni.idle(Family.IPV4).last(refused);
        Slot ipv6 = eni.idle(Family.IPV6).last(refused);
        return ipv4 == null || ipv6 == null ? List.of() : List.of(ipv4, ipv6);
    }

    /** An ENI that has the groups already, else one with the pool's, else any. */
    private List<Slot> whole(
            NodeState node,
            Attachment attachment,
            Set<Family> families,
            Set<Ip> refused,
            List<SecurityGroupId> groups) {
        EniPool best = null;
        int rank = Integer.MAX_VALUE;
        for (EniPool eni : node.enis.values()) {
            boolean ours = node.role(eni).orElse(null) == attachment;
            boolean convertible = attachment == Attachment.EXCLUSIVE
                    && node.role(eni).orElse(null) == Attachment.SHARED
                    && eni.use() == CloudEni.Use.SECONDARY;
            if ((ours || convertible) && isFree(eni, families, refused)) {
                int its = (ours ? 0 : 4) + (OwnEnis.hasGroups(cluster, node, eni, groups) ? 0 : 1);
                if (its < rank) {
                    rank = its;
                    best = eni;
                }
            }
        }
        return best == null ? List.of() : ordered(best, families);
    }

    private static boolean isFree(EniPool eni, Set<Family> families, Set<Ip> refused) {
        if (!eni.usable() || eni.operation != 0 || !eni.onlyOwn() || !eni.free()) {
            return false;
        }
        for (Family family : families) {
            if (eni.idle(family).last(refused) == null) {
                return false;
            }
        }
        return true;
    }

    private static List<Slot> ordered(EniPool eni, Set<Family> families) {
        List<Slot> slots = new ArrayList<>(2);
        for (Family family : Family.values()) {
            if (families.contains(family)) {
                slots.add(eni.idle(family).first());
            }
        }
        return slots;
    }
}
