package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ENIs that were kept detached for a pod and are nobody's any more: deleted. At once where we free them; those that were freed
 * while nobody led are found by two sights of the cloud.
 */
final class OrphanEnis {

    /** Between the two sights; a person may be restoring PodNetInfos meanwhile. */
    static final Duration APART = Duration.ofMinutes(15);

    /** Deleted after one sight at most, so that a mistake is noticed before all are gone. */
    static final int MOST_AT_ONCE = 20;

    /** An ENI that is on no machine. */
    private static final InstanceId NOWHERE = new InstanceId("i-none");

    private final Cluster cluster;
    private final Map<EniId, Instant> suspects = new HashMap<>();

    OrphanEnis(Cluster cluster) {
        this.cluster = cluster;
    }

    /** The address is nobody's. Its ENI goes with it only where it is known to be on no machine. */
    void freed(FixedAddress address) {
        if (!address.attachment().wholeEni() || address.place().isEmpty()) {
            return;
        }
        FixedAddress.Place place = address.place().orElseThrow();
        NodeState last = cluster.byInstance.get(place.instance());
        boolean seen = last != null && last.cloud.isPresent() && !last.enis.containsKey(place.eni());
        if (seen && cluster.whereabouts.isNowhere(place.eni())) {
            delete(place.instance(), place.eni());
        }
    }

    /** The cloud shows these as kept and on no machine, and no PodNetInfo names them; before all are known that means nothing. */
    void seen(List<EniId> unnamed, Instant now) {
        if (unnamed.isEmpty() || !cluster.fixed.listed()) {
            suspects.clear();
            return;
        }
        Set<EniId> kept = cluster.fixed.enis();
        suspects.keySet().retainAll(unnamed);
        int deleted = 0;
        for (EniId eni : unnamed) {
            if (kept.contains(eni) || !cluster.whereabouts.isNowhere(eni)) {
                suspects.remove(eni);
            } else if (suspects.computeIfAbsent(eni, _ -> now).plus(APART).isAfter(now)) {
                continue;
            } else if (deleted < MOST_AT_ONCE && !cluster.removals.isOpen(eni)) {
                deleted++;
                delete(NOWHERE, eni);
            }
        }
    }

    private void delete(InstanceId instance, EniId eni) {
        cluster.removals.begin(new PoolCommand.DeleteEni(cluster.nextOperation(), instance, eni));
    }

    /**
     * A machine is proven gone. An ENI that could be one pod's outlives it: kept for its pod, or deleted. The others the cloud
     * has taken away with it.
     */
    void outlive(NodeState node) {
        for (EniPool eni : node.enis.values()) {
            if (eni.cloud.filter(CloudEni::pooled).isPresent() && eni.onlyOwn()) {
                InstanceId gone = node.identity.instance();
                if (cluster.fixed.keeps(eni)) {
                    cluster.fixed.leaves(node, eni);
                    cluster.removals.begin(new PoolCommand.DetachEni(cluster.nextOperation(), gone, eni.id));
                } else {
                    delete(gone, eni.id);
                }
            }
        }
    }
}
