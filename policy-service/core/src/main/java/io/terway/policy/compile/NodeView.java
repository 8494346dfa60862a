package io.terway.policy.compile;

import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One listener of one node: what it was told, and what changed since. It holds no queue: a slow listener gets fewer,
 * larger differences.
 */
public final class NodeView {

    private final NodeName node;
    private final PolicyCompiler compiler;
    private final Map<String, NodeDelta.Binding> bound = new LinkedHashMap<>();
    private final Map<String, ProgramUse> programs = new LinkedHashMap<>();
    private final Map<String, SetUse> sets = new LinkedHashMap<>();
    private final Set<String> touchedPods = new LinkedHashSet<>();
    private final Set<AddressSet> touchedSets = new LinkedHashSet<>();
    private boolean indexTouched = true;
    private boolean told;

    private static final class ProgramUse {
        private SharedProgram program;
        private int pods;
        private boolean sent;
    }

    private static final class SetUse {
        private AddressSet set;
        private int programs;
        private long version;
        private boolean sent;
        private boolean sentThis;
    }

    NodeView(NodeName node, PolicyCompiler compiler) {
        this.node = node;
        this.compiler = compiler;
    }

    public NodeName node() {
        return node;
    }

    void touched(AddressSet set) {
        touchedSets.add(set);
        compiler.changed(this);
    }

    void touched(String uid) {
        touchedPods.add(uid);
        compiler.changed(this);
    }

    void touchedIndex() {
        indexTouched = true;
        compiler.changed(this);
    }

    /** Lets go of the sets. */
    void close() {
        sets.values().forEach(use -> use.set.detach(this));
    }

    /** The difference to what was taken before. */
    public NodeDelta take() {
        List<NodeDelta.Binding> pods = new ArrayList<>();
        List<String> removedPods = new ArrayList<>();
        Set<String> programsSeen = new LinkedHashSet<>();
        Set<String> setsSeen = new LinkedHashSet<>();
        for (String uid : touchedPods) {
            Optional<NodeDelta.Binding> now = compiler.binding(node, uid);
            Optional<NodeDelta.Binding> before = Optional.ofNullable(bound.get(uid));
            // Taken before given back, so that what stays in use is not sent again.
            now.ifPresent(binding -> each(binding, program -> acquire(program, programsSeen, setsSeen)));
            before.ifPresent(binding -> each(binding, program -> release(program, programsSeen, setsSeen)));
            if (now.isEmpty()) {
                bound.remove(uid);
                before.ifPresent(_ -> removedPods.add(uid));
            } else {
                bound.put(uid, now.get());
                if (!now.map(NodeDelta.Binding::seen).equals(before.map(NodeDelta.Binding::seen))) {
                    pods.add(now.get());
                }
            }
        }
        touchedPods.clear();
        List<SharedProgram> newPrograms = new ArrayList<>();
        List<String> removedPrograms = new ArrayList<>();
        settlePrograms(programsSeen, newPrograms, removedPrograms);
        List<NodeDelta.SetDelta> setDeltas = new ArrayList<>();
        List<String> removedSets = new ArrayList<>();
        settleSets(setsSeen, setDeltas, removedSets);
        Optional<NodeDelta.IsolationIndex> index = indexTouched ? Optional.of(compiler.index()) : Optional.empty();
        indexTouched = false;
        boolean full = !told;
        told = true;
        return new NodeDelta(full, setDeltas, newPrograms, pods, removedPods, removedPrograms, removedSets, index);
    }

    private static void each(NodeDelta.Binding binding, java.util.function.Consumer<SharedProgram> effect) {
        binding.ingress().ifPresent(effect);
        binding.egress().ifPresent(effect);
    }

    private void acquire(SharedProgram program, Set<String> programsSeen, Set<String> setsSeen) {
        ProgramUse use = programs.computeIfAbsent(program.id(), _ -> new ProgramUse());
        programsSeen.add(program.id());
        boolean first = use.pods++ == 0;
        use.program = program;
        for (AddressSet set : program.sets()) {
            SetUse setUse = sets.computeIfAbsent(set.id(), _ -> new SetUse());
            setsSeen.add(set.id());
            setUse.programs += first ? 1 : 0;
            if (setUse.set != set) {
                // The same meaning was given up and asked for again in between: start over with its elements.
                Optional.ofNullable(setUse.set).ifPresent(old -> old.detach(this));
                setUse.set = set;
                setUse.sentThis = false;
                set.attach(this);
            }
        }
    }

    private void release(SharedProgram program, Set<String> programsSeen, Set<String> setsSeen) {
        ProgramUse use = programs.get(program.id());
        programsSeen.add(program.id());
        if (--use.pods > 0) {
            return;
        }
        for (AddressSet set : program.sets()) {
            setsSeen.add(set.id());
            sets.get(set.id()).programs--;
        }
    }

    private void settlePrograms(Set<String> seen, List<SharedProgram> added, List<String> removed) {
        for (String id : seen) {
            ProgramUse use = programs.get(id);
            if (use.pods == 0) {
                programs.remove(id);
                if (use.sent) {
                    removed.add(id);
                }
            } else if (!use.sent) {
                use.sent = true;
                added.add(use.program);
            }
        }
    }

    private void settleSets(Set<String> seen, List<NodeDelta.SetDelta> deltas, List<String> removed) {
        touchedSets.forEach(set -> seen.add(set.id()));
        touchedSets.clear();
        for (String id : seen) {
            SetUse use = sets.get(id);
            if (use == null) {
                continue;
            }
            if (use.programs == 0) {
                sets.remove(id);
                use.set.detach(this);
                if (use.sent) {
                    removed.add(id);
                }
            } else {
                delta(use).ifPresent(deltas::add);
            }
        }
    }

    private Optional<NodeDelta.SetDelta> delta(SetUse use) {
        AddressSet set = use.set;
        if (use.sentThis && use.version == set.version()) {
            return Optional.empty();
        }
        boolean full = !use.sentThis || !set.remembers(use.version);
        List<Element> add = new ArrayList<>();
        List<Element> remove = new ArrayList<>();
        if (full) {
            add.addAll(set.whole(() -> compiler.elements(set)));
        } else {
            set.since(use.version, element -> compiler.holds(set, element))
                    .forEach((element, added) -> (added ? add : remove).add(element));
        }
        use.version = set.version();
        use.sentThis = true;
        use.sent = true;
        return full || !add.isEmpty() || !remove.isEmpty()
                ? Optional.of(new NodeDelta.SetDelta(set, full, add, remove))
                : Optional.empty();
    }
}
