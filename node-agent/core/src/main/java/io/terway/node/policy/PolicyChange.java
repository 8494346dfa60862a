package io.terway.node.policy;

import io.terway.net.Ip;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What a change of policy concerns. */
public final class PolicyChange {

    private PolicyChange() {}

    /**
     * Addresses of the pods that are judged differently afterwards: held by another program, or by one whose sets changed.
     * Pods that are new, or held by nothing afterwards, have no connection to lose.
     */
    public static Set<Ip> addresses(NodePolicy before, NodePolicy after) {
        Map<Ip, PodPolicy> old = new HashMap<>();
        before.pods().forEach(pod -> pod.addresses().forEach(ip -> old.put(ip, pod)));
        Map<String, Boolean> changed = new HashMap<>();
        Set<Ip> out = new HashSet<>();
        for (PodPolicy pod : after.pods()) {
            for (Ip ip : pod.addresses()) {
                PodPolicy was = old.get(ip);
                if (was != null && pod.isHeld() && differs(before, was, after, pod, changed)) {
                    out.add(ip);
                }
            }
        }
        return out;
    }

    /** Addresses of every pod that is judged in some direction. */
    public static Set<Ip> heldAddresses(NodePolicy policy) {
        Set<Ip> out = new HashSet<>();
        policy.pods().stream().filter(PodPolicy::isHeld).forEach(pod -> out.addAll(pod.addresses()));
        return out;
    }

    private static boolean differs(
            NodePolicy before, PodPolicy was, NodePolicy after, PodPolicy is, Map<String, Boolean> changed) {
        for (Direction direction : Direction.values()) {
            if (!was.hold(direction).equals(is.hold(direction))) {
                return true;
            }
            if (is.hold(direction) instanceof Hold.ByProgram(String id)
                    && changed.computeIfAbsent(id, _ -> differs(before, after, id))) {
                return true;
            }
        }
        return false;
    }

    /** By identity: what did not change keeps its object. */
    private static boolean differs(NodePolicy before, NodePolicy after, String program) {
        PolicyProgram now = after.programs().get(program);
        return before.programs().get(program) != now
                || now.everyRule()
                        .flatMap(rule -> rule.peers().stream())
                        .anyMatch(peer ->
                                before.sets().get(peer.set()) != after.sets().get(peer.set()));
    }
}
