package io.terway.ipam;

import io.terway.net.InstanceId;
import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * ENIs that pods keep, at machines whose agents have not spoken in this term: the machine may have gone while nobody led. Its ENI then hangs on nothing and looks like a leak, so it is marked as kept as soon as that is certain.
 */
final class Homeless {

    /** Agents and eni-manager's list come first. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Machines that are asked about in one second. */
    static final int AT_A_TIME = 20;

    private final Cluster cluster;
    private final Map<InstanceId, Set<PodRef>> pods = new HashMap<>();
    private final Map<InstanceId, Instant> released = new HashMap<>();
    private final Deadlines<InstanceId> due = new Deadlines<>();

    Homeless(Cluster cluster) {
        this.cluster = cluster;
    }

    void seen(FixedAddress address, Instant now) {
        Optional<InstanceId> machine = address.place()
                .map(FixedAddress.Place::instance)
                .filter(instance -> address.attachment().wholeEni() && !hasAgent(instance));
        machine.ifPresent(instance -> {
            if (pods.computeIfAbsent(instance, _ -> new HashSet<>()).add(address.pod())) {
                due.put(instance, now.plus(PATIENCE));
            }
        });
    }

    private boolean hasAgent(InstanceId instance) {
        return cluster.byInstance.containsKey(instance);
    }

    void tick(Instant now) {
        int asked = 0;
        for (Optional<InstanceId> next = due.poll(now); next.isPresent(); next = due.poll(now)) {
            InstanceId instance = next.get();
            if (hasAgent(instance)) {
                forget(instance); // its node's life decides
            } else if (cluster.instances.containsKey(instance)) {
                released.remove(instance); // eni-manager says when it goes
            } else if (asked < AT_A_TIME) {
                asked++;
                due.put(instance, now.plus(PATIENCE));
                cluster.say(new IpamCommand.Describe(instance, true));
            } else {
                due.put(instance, now.plusSeconds(1));
            }
        }
    }

    /** The cloud shows a machine as released that has no node here; certain on the second sight (rule 11). */
    void released(InstanceId instance, Instant now) {
        if (!pods.containsKey(instance)) {
            return;
        }
        Instant first = released.putIfAbsent(instance, now);
        if (first == null) {
            due.put(instance, now.plus(CloudSide.SECOND_SIGHT));
        } else if (!now.isBefore(first.plus(CloudSide.SECOND_SIGHT))) {
            pods.get(instance).forEach(pod -> keep(pod, instance));
            forget(instance);
        }
    }

    private void keep(PodRef pod, InstanceId gone) {
        cluster.fixed
                .of(pod)
                .flatMap(FixedAddress::place)
                .filter(place -> place.instance().equals(gone))
                .ifPresent(place ->
                        cluster.removals.begin(new PoolCommand.DetachEni(cluster.nextOperation(), gone, place.eni())));
    }

    private void forget(InstanceId instance) {
        pods.remove(instance);
        released.remove(instance);
        due.remove(instance);
    }

    Optional<Instant> nextDue() {
        return due.first();
    }
}
