package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.VSwitchId;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * When no vSwitch of a node's zone has an address for a pod and none is on its way: then the pod is told so at once, rather than
 * when its time is over. Asked again, it is tried again as soon as a vSwitch may have some.
 *
 * @param why for people
 * @param until what was said last holds as long
 */
record Exhaustion(String why, Instant until) {

    /** Of a pod that no free address was found for. */
    static Optional<Exhaustion> of(
            Cluster cluster, NodeState node, Attachment attachment, Set<Family> families, Instant now) {
        if (node.cloud.isEmpty() || attachment == Attachment.ROUTED || Reclaim.possible(cluster, node, attachment)) {
            return Optional.empty();
        }
        Set<Family> missing = EnumSet.noneOf(Family.class);
        for (Family family : families) {
            if (!mayCome(cluster, node, attachment, family)) {
                missing.add(family);
            }
        }
        Set<VSwitchId> asked = missing.isEmpty() ? Set.of() : sources(cluster, node, attachment, missing);
        Shortages shortages = cluster.vSwitches.shortages;
        if (asked.isEmpty() || asked.stream().anyMatch(id -> shortages.most(id, now) > 0)) {
            return Optional.empty();
        }
        String spent = asked.stream().map(cluster.vSwitches::spent).collect(Collectors.joining(", "));
        return Optional.of(new Exhaustion(
                "no " + missing + " address is left for node " + node.name + " in zone " + node.zone + "; " + spent
                        + "; add a vSwitch of this zone to eni_conf.vswitches, or free some: lower min_pool_size and"
                        + " max_pool_size, remove pods, or PodNetInfos that nobody needs",
                now.plus(Shortages.SHORT_FOR)));
    }

    /** An address of this kind is ordered, rests, or is between two owners. */
    private static boolean mayCome(Cluster cluster, NodeState node, Attachment attachment, Family family) {
        if (Room.inFlight(node, attachment, family) > 0) {
            return true;
        }
        for (EniPool eni : node.enis.values()) {
            if (node.serves(eni, attachment)) {
                for (Slot slot : eni.all()) {
                    boolean free = slot.ip.family() == family && isFree(slot) && !cluster.fixed.owns(slot.ip);
                    if (free && !slot.absent) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean isFree(Slot slot) {
        return switch (slot.state) {
            case AddressState.Bound _, AddressState.Reserved _, AddressState.Gone _ -> false;
            case AddressState.Supplied _,
                    AddressState.Idle _,
                    AddressState.Cooling _,
                    AddressState.Withdrawing _,
                    AddressState.Withdrawn _,
                    AddressState.Unassigning _ -> true;
        };
    }

    /** Where an address could be of, were there one. */
    private static Set<VSwitchId> sources(
            Cluster cluster, NodeState node, Attachment attachment, Set<Family> families) {
        Set<VSwitchId> sources = new TreeSet<>();
        if (Room.of(node, attachment, false) > 0) {
            sources.addAll(cluster.vSwitches.ofZone(node));
        }
        for (EniPool eni : node.enis.values()) {
            boolean grows = attachment == Attachment.SHARED && eni.usable() && node.serves(eni, attachment);
            if (grows && families.stream().anyMatch(family -> eni.used(family) < node.limits.perEni(family))) {
                sources.add(eni.cloud.orElseThrow().vSwitch());
            }
        }
        return sources;
    }
}
