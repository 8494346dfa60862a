package io.terway.ipam;

import io.terway.ipam.AllocateOutcome.Pending;
import io.terway.ipam.AllocateOutcome.Refused;
import io.terway.net.Family;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Requests that no free address was found for. */
final class Demand {

    /** Requests of one node that are remembered as demand; kubelet starts far fewer at a time. */
    static final int MAX_WAITING = 1_000;

    private static final Duration SHORTEST_RETRY = Duration.ofMillis(50);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);
    private static final Duration USUAL_RETRY = Duration.ofSeconds(1);

    private final Cluster cluster;

    Demand(Cluster cluster) {
        this.cluster = cluster;
    }

    /** None to choose: counted as demand, unless there will be none. */
    AllocateOutcome wait(
            NodeState node, IpamEvent.Allocate event, Attachment attachment, PodWishes wishes, Instant now) {
        Optional<String> full = Attachments.full(cluster, node, attachment, event.families());
        if (full.isPresent()) {
            return new Refused(AllocateOutcome.Why.NODE_FULL, full.get());
        }
        Optional<AllocateOutcome> exhausted = exhausted(node, event, attachment, now);
        if (exhausted.isPresent()) {
            return exhausted.get();
        }
        Set<Family> missing = EnumSet.noneOf(Family.class);
        for (Family family : event.families()) {
            if (node.count(family, Census.Kind.IDLE) == 0) {
                missing.add(family);
            }
        }
        if (event.deadline().isAfter(now) && node.requests.waiting() < MAX_WAITING) {
            node.requests.await(
                    event.request(),
                    new Requests.Waiting(event.sandbox(), event.families(), attachment, wishes.groups()),
                    event.deadline());
        }
        return new Pending(
                retryAfter(node, now), reason(node, attachment, missing.isEmpty() ? event.families() : missing));
    }

    /** What a pod is told for which no vSwitch has an address; empty: one may come. */
    Optional<AllocateOutcome> exhausted(NodeState node, IpamEvent.Allocate event, Attachment attachment, Instant now) {
        Optional<Exhaustion> found = Exhaustion.of(cluster, node, attachment, event.families(), now);
        return found.map(exhaustion -> {
            node.exhausted = found;
            cluster.sayOnce(node, "VSwitchExhausted", exhaustion.why());
            return new Refused(
                    AllocateOutcome.Why.V_SWITCH_EXHAUSTED,
                    "pod " + event.holder().pod() + ": " + exhaustion.why());
        });
    }

    private static Duration retryAfter(NodeState node, Instant now) {
        Duration wait = node.coolingUntil
                .first()
                .map(until -> Duration.between(now, until))
                .orElse(USUAL_RETRY);
        wait = wait.compareTo(USUAL_RETRY) > 0 && !node.operations.isEmpty() ? USUAL_RETRY : wait;
        return wait.compareTo(SHORTEST_RETRY) < 0
                ? SHORTEST_RETRY
                : wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
    }

    private static String reason(NodeState node, Attachment attachment, Set<Family> missing) {
        if (!node.trouble.isEmpty()) {
            return node.trouble;
        }
        if (node.cloud.isEmpty()) {
            return "eni-manager has not shown instance " + node.identity.instance() + " yet";
        }
        String what = attachment.wholeEni() ? "ENI" : missing + " address";
        return "no free " + what + " on node " + node.name + "; " + node.operations.size()
                + " cloud operations under way, " + node.census.count(Census.Kind.COOLING) + " addresses cool down";
    }
}
