package io.terway.ipam;

import io.terway.net.EniId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Removals in the cloud that belong to no node any more: sent again, ever less often, until they are done. */
final class Removals {

    private final Cluster cluster;
    private final Map<Long, Attempt> open = new HashMap<>();
    private final Deadlines<Long> again = new Deadlines<>();

    Removals(Cluster cluster) {
        this.cluster = cluster;
    }

    private record Attempt(PoolCommand command, int failures) {}

    void begin(PoolCommand command) {
        open.put(command.operation(), new Attempt(command, 0));
        cluster.say(command);
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

    /** True while an ENI is being taken away. */
    boolean isOpen(EniId eni) {
        return open.values().stream()
                .anyMatch(attempt -> attempt.command() instanceof PoolCommand.DeleteEni delete
                        && delete.eni().equals(eni));
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
