package io.terway.ipam;

import java.util.Optional;

/** ENIs that were kept detached for a pod and are nobody's any more: deleted. */
final class OrphanEnis {

    private final Cluster cluster;

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
        boolean nowhere = cluster.nodes.values().stream()
                .noneMatch(node -> node.enis.containsKey(place.eni())
                        || node.operations.values().stream()
                                .anyMatch(operation -> operation.eni().equals(Optional.of(place.eni()))));
        if (seen && nowhere) {
            cluster.removals.begin(new PoolCommand.DeleteEni(cluster.nextOperation(), place.instance(), place.eni()));
        }
    }
}
