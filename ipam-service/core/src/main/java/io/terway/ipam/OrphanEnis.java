package io.terway.ipam;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** ENIs that were kept detached for a pod and are nobody's any more: deleted, and tried until it is done. */
final class OrphanEnis {

    private final Cluster cluster;
    private final Map<Long, Attempt> open = new HashMap<>();
    private final Deadlines<Long> again = new Deadlines<>();

    OrphanEnis(Cluster cluster) {
        this.cluster = cluster;
    }

    private record Attempt(PoolCommand.DeleteEni command, int failures) {}

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
            var command = new PoolCommand.DeleteEni(cluster.nextOperation(), place.instance(), place.eni());
            open.put(command.operation(), new Attempt(command, 0));
            cluster.say(command);
        }
    }

    /** False when the operation is not one of these. */
    boolean ended(IpamEvent.OperationEnded event, Instant now) {
        Attempt attempt = open.get(event.operation());
        if (attempt == null) {
            return false;
        }
        boolean done = event.result() instanceof OperationResult.Removed
                || event.result() instanceof OperationResult.Failed failed && failed.why() == FailureClass.NOT_FOUND;
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
    }

    Optional<Instant> nextDue() {
        return again.first();
    }
}
