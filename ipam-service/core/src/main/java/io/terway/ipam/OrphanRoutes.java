package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Route entries to pod CIDRs of machines that are gone: taken away once that is proven. */
final class OrphanRoutes {

    private final Cluster cluster;
    private final Map<InstanceId, Suspect> suspects = new HashMap<>();
    private final Deadlines<InstanceId> lookAt = new Deadlines<>();

    OrphanRoutes(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Entries to a machine that no node of ours is. */
    private record Suspect(Set<Cidr> cidrs, Optional<Instant> releasedSince) {}

    /** The node is proven gone. */
    void of(NodeState node) {
        node.routes.keySet().forEach(cidr -> delete(cidr, node.identity.instance()));
    }

    private void delete(Cidr cidr, InstanceId instance) {
        cluster.removals.begin(new PoolCommand.DeleteRoute(cluster.nextOperation(), instance, cidr));
    }

    /** The table as a new leader finds it; entries of ours to unknown machines are looked into. */
    void seen(IpamEvent.RoutesSeen seen, Instant now) {
        if (cluster.shard.index() > 0) {
            return; // one shard looks after entries to machines that nobody knows
        }
        Set<Cidr> ofNodes = new HashSet<>();
        cluster.known.values().forEach(node -> ofNodes.addAll(node.podCidrs()));
        Set<InstanceId> machines = new HashSet<>(cluster.byInstance.keySet());
        cluster.known.values().forEach(node -> node.instance().ifPresent(machines::add));
        seen.routes().forEach((cidr, instance) -> {
            if (!ofNodes.contains(cidr) && !machines.contains(instance)) {
                suspects.computeIfAbsent(instance, _ -> new Suspect(new HashSet<>(), Optional.empty()))
                        .cidrs()
                        .add(cidr);
                lookAt.put(instance, now);
            }
        });
    }

    void instanceSeen(CloudInstance instance, Instant now) {
        Suspect suspect = suspects.get(instance.id());
        if (suspect == null) {
            return;
        }
        if (!instance.released()) {
            suspects.remove(instance.id());
            lookAt.remove(instance.id());
        } else if (suspect.releasedSince().isEmpty()) {
            suspects.put(instance.id(), new Suspect(suspect.cidrs(), Optional.of(now)));
            lookAt.put(instance.id(), now.plus(CloudSide.SECOND_SIGHT));
        } else if (!now.isBefore(suspect.releasedSince().get().plus(CloudSide.SECOND_SIGHT))) {
            suspects.remove(instance.id());
            lookAt.remove(instance.id());
            suspect.cidrs().forEach(cidr -> delete(cidr, instance.id()));
        }
    }

    void tick(Instant now) {
        for (Optional<InstanceId> due = lookAt.poll(now); due.isPresent(); due = lookAt.poll(now)) {
            cluster.say(new IpamCommand.Describe(due.get(), true));
        }
    }

    Optional<Instant> nextDue() {
        return lookAt.first();
    }
}
