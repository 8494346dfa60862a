package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Route entries to pod CIDRs of machines that are gone: taken away once that is proven, and tried until it is done. */
final class OrphanRoutes {

    private final Cluster cluster;
    private final Map<Long, Attempt> open = new HashMap<>();
    private final Deadlines<Long> again = new Deadlines<>();
    private final Map<InstanceId, Suspect> suspects = new HashMap<>();
    private final Deadlines<InstanceId> lookAt = new Deadlines<>();

    OrphanRoutes(Cluster cluster) {
        this.cluster = cluster;
    }

    private record Attempt(PoolCommand.DeleteRoute command, int failures) {}

    /** Entries to a machine that no node of ours is. */
    private record Suspect(Set<Cidr> cidrs, Optional<Instant> releasedSince) {}

    /** The node is proven gone. */
    void of(NodeState node) {
        node.routes.keySet().forEach(cidr -> delete(cidr, node.identity.instance()));
    }

    private void delete(Cidr cidr, InstanceId instance) {
        var command = new PoolCommand.DeleteRoute(cluster.nextOperation(), instance, cidr);
        open.put(command.operation(), new Attempt(command, 0));
        cluster.say(command);
    }

    /** The table as a new leader finds it; entries of ours to unknown machines are looked into. */
    void seen(IpamEvent.RoutesSeen seen, Instant now) {
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

    /** False when the operation is not one of these. */
    boolean ended(IpamEvent.OperationEnded event, Instant now) {
        Attempt attempt = open.get(event.operation());
        if (attempt == null) {
            return false;
        }
        boolean done = switch (event.result()) {
            case OperationResult.Removed _, OperationResult.Changed _ -> true;
            case OperationResult.Failed failed -> failed.why() == FailureClass.NOT_FOUND;
            case OperationResult.Unreached _, OperationResult.EniCreated _, OperationResult.Assigned _ -> false;
        };
        if (done) {
            open.remove(event.operation());
        } else {
            int failures = attempt.failures() + 1;
            open.put(event.operation(), new Attempt(attempt.command(), failures));
            again.put(event.operation(), now.plus(FailureClass.UNKNOWN.backoff(failures)));
        }
        return true;
    }

    void tick(Instant now) {
        for (Optional<Long> due = again.poll(now); due.isPresent(); due = again.poll(now)) {
            cluster.say(open.get(due.get()).command());
        }
        for (Optional<InstanceId> due = lookAt.poll(now); due.isPresent(); due = lookAt.poll(now)) {
            cluster.say(new IpamCommand.Describe(due.get(), true));
        }
    }

    Optional<Instant> nextDue() {
        Optional<Instant> first = again.first();
        Optional<Instant> second = lookAt.first();
        return first.isEmpty() || second.isPresent() && second.get().isBefore(first.get()) ? second : first;
    }
}
