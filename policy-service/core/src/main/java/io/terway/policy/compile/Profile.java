package io.terway.policy.compile;

import io.terway.policy.PolicyPod;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Pods that policy cannot tell apart but by address: same namespace, labels and named ports. */
final class Profile {

    /** What makes pods alike. */
    record Key(String namespace, Map<String, String> labels, List<PolicyPod.NamedPort> ports) {
        static Key of(PolicyPod pod) {
            return new Key(pod.ref().namespace(), pod.labels(), pod.ports());
        }
    }

    private final Key key;
    private final Map<String, PolicyPod> pods = new LinkedHashMap<>();
    private final Set<AddressSet> sets = new LinkedHashSet<>();
    private Optional<Programs> programs = Optional.empty();

    /** The programs of both directions; an empty one: nothing judges it. */
    record Programs(Optional<SharedProgram> ingress, Optional<SharedProgram> egress) {}

    Profile(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    /** Its pods by UID. */
    Map<String, PolicyPod> pods() {
        return pods;
    }

    /** The sets that hold its pods. */
    Set<AddressSet> sets() {
        return sets;
    }

    /** Empty when they must be compiled anew. */
    Optional<Programs> programs() {
        return programs;
    }

    void programs(Optional<Programs> now) {
        programs = now;
    }
}
