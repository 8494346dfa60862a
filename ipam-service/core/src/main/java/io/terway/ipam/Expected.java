package io.terway.ipam;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Pods scheduled to one node that have not asked for an address yet: demand before its ADD. */
final class Expected {

    /** A pod that has not asked by then is stuck elsewhere, say on its image; its address is not kept ready longer. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Above what a node starts at a time. */
    static final int MOST = 1_000;

    private final Map<String, PodWishes> wishes = new HashMap<>();
    private final Deadlines<String> until = new Deadlines<>();

    void add(String uid, PodWishes wish, Instant now) {
        if (wishes.size() < MOST) {
            wishes.put(uid, wish);
            until.put(uid, now.plus(PATIENCE));
        }
    }

    /** It asks for itself now, or is gone. */
    void remove(String uid) {
        if (wishes.remove(uid) != null) {
            until.remove(uid);
        }
    }

    void expire(Instant now) {
        for (Optional<String> due = until.poll(now); due.isPresent(); due = until.poll(now)) {
            wishes.remove(due.get());
        }
    }

    Optional<Instant> nextDue() {
        return until.first();
    }

    boolean isEmpty() {
        return wishes.isEmpty();
    }

    /** Pods that will be connected this way. */
    int count(Cluster cluster, NodeState node, Attachment attachment) {
        int count = 0;
        for (PodWishes wish : wishes.values()) {
            count += Attachments.of(cluster, node, wish) == attachment ? 1 : 0;
        }
        return count;
    }
}
