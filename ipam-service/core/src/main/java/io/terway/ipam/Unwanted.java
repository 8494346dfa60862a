package io.terway.ipam;

import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Pods with a fixed address that nobody wants any more: since when, and their release when their time is over. Time is
 * counted by the leaders' monotonic clocks, written down now and then; the edge asks the API server's clock as well.
 */
final class Unwanted {

    /** Between two looks at an address that is due and could not go. */
    static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration LONGEST_STEP = Duration.ofHours(1);

    private final Cluster cluster;
    private final Map<PodRef, Count> counts = new HashMap<>();
    private final Deadlines<PodRef> due = new Deadlines<>();
    /** Nobody wants these, and another shard looks after them. */
    private final Set<PodRef> elsewhere = new HashSet<>();

    private Instant minute = Instant.MIN;
    private int released;

    Unwanted(Cluster cluster) {
        this.cluster = cluster;
    }

    /** @param before counted by earlier leaders */
    private record Count(Instant since, Duration before) {

        Duration at(Instant now) {
            return before.plus(Duration.between(since, now));
        }
    }

    void told(PodRef pod, boolean wanted, Instant now) {
        Optional<FixedAddress> known = cluster.fixed.of(pod);
        if (known.isEmpty() || !cluster.shard.keeps(known.get())) {
            remember(pod, known.isPresent() && !wanted);
            return;
        }
        if (wanted) {
            boolean counted =
                    counts.remove(pod) != null || !known.get().unwanted().isZero();
            due.remove(pod);
            if (counted) {
                note(known.get(), Duration.ZERO);
            }
        } else if (!counts.containsKey(pod)) {
            counts.put(pod, new Count(now, known.get().unwanted()));
            note(known.get(), known.get().unwanted());
            schedule(known.get(), now);
        }
    }

    private void remember(PodRef pod, boolean unwanted) {
        if (unwanted) {
            elsewhere.add(pod);
        } else {
            elsewhere.remove(pod);
        }
    }

    /** Another shard counts from now on. */
    void leaves(PodRef pod) {
        remember(pod, counts.remove(pod) != null || elsewhere.contains(pod));
        due.remove(pod);
    }

    /** Its retention may be another one now, or it is ours to count now. */
    void changed(FixedAddress known, Instant now) {
        if (elsewhere.remove(known.pod())) {
            told(known.pod(), false, now);
        }
        if (counts.containsKey(known.pod())) {
            schedule(known, now);
        }
    }

    void forget(PodRef pod) {
        elsewhere.remove(pod);
        counts.remove(pod);
        due.remove(pod);
    }

    private void note(FixedAddress known, Duration unwanted) {
        cluster.say(new FixedCommand.Count(cluster.fixed.unwanted(known, unwanted), unwanted));
    }

    private void schedule(FixedAddress known, Instant now) {
        Optional<Duration> time = known.retention().time();
        if (time.isEmpty()) {
            due.remove(known.pod());
            return;
        }
        Duration left = time.get().minus(counts.get(known.pod()).at(now));
        Duration step = least(LONGEST_STEP, most(MINUTE, time.get().dividedBy(10)));
        due.put(known.pod(), now.plus(most(Duration.ZERO, least(left, step))));
    }

    void tick(Instant now) {
        for (Optional<PodRef> pod = due.poll(now); pod.isPresent(); pod = due.poll(now)) {
            FixedAddress known = cluster.fixed.of(pod.get()).orElseThrow();
            Duration unwanted = counts.get(pod.get()).at(now);
            if (unwanted.compareTo(known.retention().time().orElseThrow()) >= 0) {
                release(known, now);
            } else {
                note(known, unwanted);
                schedule(known, now);
            }
        }
    }

    private void release(FixedAddress known, Instant now) {
        if (now.isAfter(minute.plus(MINUTE)) || minute.equals(Instant.MIN)) {
            minute = now;
            released = 0;
        }
        if (cluster.fixed.isHeld(known)) {
            due.put(known.pod(), now.plus(LOOK_AGAIN)); // the node's agent has not said that its sandbox is gone
        } else if (released >= cluster.fixed.settings.releasesPerMinute()) {
            due.put(known.pod(), minute.plus(MINUTE).plusMillis(1));
        } else {
            released++;
            due.put(known.pod(), now.plus(LOOK_AGAIN));
            cluster.say(new FixedCommand.Release(known));
        }
    }

    Optional<Instant> nextDue() {
        return due.first();
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration most(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
