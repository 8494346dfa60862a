package io.terway.node.policy;

import io.terway.node.ledger.PodLife;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Everything this node enforces. Unchanged sets and programs keep their objects from one to the next. */
public record NodePolicy(Map<String, PolicySet> sets, Map<String, PolicyProgram> programs, List<PodPolicy> pods) {

    /** Nothing is enforced. */
    public static final NodePolicy NONE = new NodePolicy(Map.of(), Map.of(), List.of());

    /**
     * @throws IllegalArgumentException when a pod is held by an unknown program, or a program in use names an unknown
     *     set
     */
    public NodePolicy {
        sets = Map.copyOf(sets);
        programs = Map.copyOf(programs);
        pods = List.copyOf(pods);
        for (PodPolicy pod : pods) {
            for (Direction direction : Direction.values()) {
                requireProgram(programs, pod, direction);
            }
        }
        for (PolicyProgram program : used(programs, pods)) {
            requireSets(sets, program);
        }
    }

    /** The programs that hold some pod, by id. */
    public Collection<PolicyProgram> used() {
        return used(programs, pods);
    }

    /** The program that holds this direction of the pod, if one does. */
    public Optional<PolicyProgram> program(PodPolicy pod, Direction direction) {
        return switch (pod.hold(direction)) {
            case Hold.ByProgram(String id) -> Optional.of(programs.get(id));
            case Hold.Free(), Hold.Isolated() -> Optional.empty();
        };
    }

    /** True when some connections are accepted only for certain requests. */
    public boolean hasHttp() {
        return used().stream().anyMatch(PolicyProgram::hasHttp);
    }

    /** Ports on which requests decide, of the pods that have such. */
    public Map<PodLife, RequestPorts> requestPorts() {
        Map<PodLife, RequestPorts> ports = new HashMap<>();
        if (hasHttp()) {
            pods.forEach(pod -> Stream.of(Direction.values())
                    .flatMap(direction -> program(pod, direction).stream())
                    .filter(PolicyProgram::hasHttp)
                    .forEach(program -> ports.merge(
                            pod.pod(),
                            RequestPorts.of(program.direction(), program.requestPorts()),
                            RequestPorts::and)));
        }
        return ports;
    }

    private static Collection<PolicyProgram> used(Map<String, PolicyProgram> programs, List<PodPolicy> pods) {
        Map<String, PolicyProgram> used = new TreeMap<>();
        for (PodPolicy pod : pods) {
            for (Direction direction : Direction.values()) {
                if (pod.hold(direction) instanceof Hold.ByProgram(String id)) {
                    used.put(id, programs.get(id));
                }
            }
        }
        return used.values();
    }

    private static void requireProgram(Map<String, PolicyProgram> programs, PodPolicy pod, Direction direction) {
        if (pod.hold(direction) instanceof Hold.ByProgram(String id)) {
            PolicyProgram program = programs.get(id);
            if (program == null || program.direction() != direction) {
                throw new IllegalArgumentException(
                        "pod " + pod.pod() + " is held by unknown " + direction.word() + " program " + id);
            }
        }
    }

    private static void requireSets(Map<String, PolicySet> sets, PolicyProgram program) {
        program.everyRule().flatMap(rule -> rule.peers().stream()).forEach(peer -> {
            if (!sets.containsKey(peer.set())) {
                throw new IllegalArgumentException("program " + program.id() + " names unknown set " + peer.set());
            }
        });
    }
}
