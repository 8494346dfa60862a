package io.terway.ipam;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What keeps fixed addresses from their pods, and what was said about it. */
final class FixedTroubles {

    private final Cluster cluster;
    private final Map<PodRef, Trouble> troubles = new HashMap<>();
    private final Map<PodRef, String> told = new HashMap<>();

    FixedTroubles(Cluster cluster) {
        this.cluster = cluster;
    }

    private record Trouble(String message, Instant until) {}

    /** Not tried again until then. */
    void put(PodRef pod, String message, Instant until) {
        troubles.put(pod, new Trouble(message, until));
    }

    Optional<String> of(PodRef pod, Instant now) {
        Trouble trouble = troubles.get(pod);
        return trouble == null || !trouble.until().isAfter(now) ? Optional.empty() : Optional.of(trouble.message());
    }

    void over(PodRef pod) {
        troubles.remove(pod);
    }

    void forget(PodRef pod) {
        troubles.remove(pod);
        told.remove(pod);
    }

    /** An event on the pod, unless it was the last one. */
    void tellOnce(Holder pod, String reason, String message) {
        if (!message.equals(told.put(pod.pod(), message))) {
            cluster.say(new FixedCommand.Tell(pod.pod(), pod.uid(), reason, message));
        }
    }

    /** The cloud would not put these addresses on an ENI: their pod's trouble, not the node's. */
    void unassignable(List<Ip> addresses, OperationResult.Failed failed, Instant now) {
        Instant until = now.plus(failed.why().backoff(1));
        addresses.forEach(ip -> cluster.fixed.owner(ip).ifPresent(pod -> put(pod, text(pod, ip, failed), until)));
    }

    private static String text(PodRef pod, Ip ip, OperationResult.Failed failed) {
        return failed.why() == FailureClass.NOT_FOUND
                ? "the cloud has no longer what pod " + pod + " keeps for its fixed address " + ip + " ("
                        + failed.message() + "); delete PodNetInfo " + pod + " to give the pod another address"
                : failed.message();
    }
}
