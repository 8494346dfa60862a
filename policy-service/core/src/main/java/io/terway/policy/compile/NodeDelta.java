package io.terway.policy.compile;

import io.terway.policy.PolicyPod;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What a node has yet to be told, in the order in which it is applied: sets, programs, pods, and then what goes.
 *
 * @param full the whole state; the first one of a view
 * @param index empty: unchanged
 */
public record NodeDelta(
        boolean full,
        List<SetDelta> sets,
        List<SharedProgram> programs,
        List<Binding> pods,
        List<String> removedPods,
        List<String> removedPrograms,
        List<String> removedSets,
        Optional<IsolationIndex> index) {

    public NodeDelta {
        sets = List.copyOf(sets);
        programs = List.copyOf(programs);
        pods = List.copyOf(pods);
        removedPods = List.copyOf(removedPods);
        removedPrograms = List.copyOf(removedPrograms);
        removedSets = List.copyOf(removedSets);
    }

    /** True when there is nothing to tell. */
    public boolean empty() {
        return !full
                && sets.isEmpty()
                && programs.isEmpty()
                && pods.isEmpty()
                && removedPods.isEmpty()
                && removedPrograms.isEmpty()
                && removedSets.isEmpty()
                && index.isEmpty();
    }

    /**
     * Elements of one set.
     *
     * @param full {@code add} is everything
     */
    public record SetDelta(AddressSet set, boolean full, List<Element> add, List<Element> remove) {
        public SetDelta {
            add = List.copyOf(add);
            remove = List.copyOf(remove);
        }
    }

    /**
     * A pod and what binds it.
     *
     * @param ingress empty: nothing judges this direction
     */
    public record Binding(PolicyPod pod, Optional<SharedProgram> ingress, Optional<SharedProgram> egress) {

        /** What the node sees of it: program ids. */
        record Seen(String ingress, String egress) {}

        Seen seen() {
            return new Seen(
                    ingress.map(SharedProgram::id).orElse(""),
                    egress.map(SharedProgram::id).orElse(""));
        }
    }

    /** What a node needs to fail closed for a pod it has no program for. */
    public record IsolationIndex(SortedSet<String> namespaces, boolean clusterTier) {}
}
