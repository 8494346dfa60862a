package io.terway.policy.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.policy.Direction;
import io.terway.policy.HttpRule;
import io.terway.policy.Probe;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A node that believes every difference it is sent, and judges as the contract says. Insists on exact differences. */
final class AgentModel {

    private final Map<String, Set<Element>> sets = new HashMap<>();
    private final Map<String, Program> programs = new HashMap<>();
    private final Map<String, NodeDelta.Binding> pods = new HashMap<>();
    NodeDelta.IsolationIndex index;

    /** What a node decides: nothing, or these requests only. */
    record Decision(boolean allowed, Set<HttpRule> requests) {}

    void apply(NodeDelta delta) {
        for (NodeDelta.SetDelta set : delta.sets()) {
            Set<Element> elements = sets.computeIfAbsent(set.set().id(), _ -> new HashSet<>());
            if (set.full()) {
                elements.clear();
            }
            set.remove().forEach(element -> assertTrue(elements.remove(element), () -> "removed twice: " + element));
            set.add().forEach(element -> assertTrue(elements.add(element), () -> "added twice: " + element));
        }
        delta.programs().forEach(program -> {
            assertFalse(programs.containsKey(program.id()), "a known program is not sent again");
            program.program()
                    .sets()
                    .forEach(set -> assertNotNull(sets.get(set.id()), "a program's sets come before it"));
            programs.put(program.id(), program.program());
        });
        delta.pods().forEach(binding -> pods.put(binding.pod().uid(), binding));
        delta.removedPods().forEach(uid -> assertNotNull(pods.remove(uid)));
        delta.removedPrograms().forEach(id -> assertNotNull(programs.remove(id)));
        delta.removedSets().forEach(id -> assertNotNull(sets.remove(id)));
        delta.index().ifPresent(next -> index = next);
        Set<String> used = new HashSet<>();
        pods.values().forEach(binding -> {
            binding.ingress().ifPresent(program -> used.add(program.id()));
            binding.egress().ifPresent(program -> used.add(program.id()));
        });
        assertEquals(used, programs.keySet(), "only what the node needs");
        Set<String> needed = new HashSet<>();
        programs.values().forEach(program -> program.sets().forEach(set -> needed.add(set.id())));
        assertEquals(needed, sets.keySet(), "only what the node needs");
    }

    Map<String, Set<Element>> sets() {
        return sets;
    }

    /** Empty when the pod is not here. */
    Optional<Decision> judge(Direction direction, Probe probe, List<Ip> nodeAddresses) {
        Ip own = direction == Direction.INGRESS ? probe.to() : probe.from();
        Ip other = direction == Direction.INGRESS ? probe.from() : probe.to();
        Optional<NodeDelta.Binding> pod = pods.values().stream()
                .filter(binding -> binding.pod().ips().contains(own))
                .findFirst();
        return pod.map(binding -> {
            if (binding.pod().ips().contains(other) || nodeAddresses.contains(other)) {
                return new Decision(true, Set.of());
            }
            Optional<SharedProgram> program = direction == Direction.INGRESS ? binding.ingress() : binding.egress();
            return program.map(shared -> run(programs.get(shared.id()), other, probe))
                    .orElse(new Decision(true, Set.of()));
        });
    }

    private Decision run(Program program, Ip other, Probe probe) {
        for (Program.Rule rule : program.admin()) {
            if (matches(rule, other, probe)) {
                switch (rule.action()) {
                    case ACCEPT -> {
                        return new Decision(true, Set.of());
                    }
                    case DENY -> {
                        return new Decision(false, Set.of());
                    }
                    case PASS -> {}
                }
                break;
            }
        }
        if (program.isolated()) {
            Set<HttpRule> requests = new HashSet<>();
            for (Program.Rule rule : program.rules()) {
                if (matches(rule, other, probe)) {
                    if (rule.http().isEmpty()) {
                        return new Decision(true, Set.of());
                    }
                    requests.addAll(rule.http());
                }
            }
            return new Decision(!requests.isEmpty(), requests);
        }
        for (Program.Rule rule : program.baseline()) {
            if (matches(rule, other, probe)) {
                return new Decision(
                        switch (rule.action()) {
                            case ACCEPT, PASS -> true;
                            case DENY -> false;
                        },
                        Set.of());
            }
        }
        return new Decision(true, Set.of());
    }

    private boolean matches(Program.Rule rule, Ip other, Probe probe) {
        boolean peer = rule.anyPeer() || rule.peers().stream().anyMatch(set -> contains(set, other, probe));
        boolean port = rule.anyPort()
                || rule.ports().stream().anyMatch(range -> range.contains(probe.protocol(), probe.port()));
        return peer && port;
    }

    private boolean contains(Program.PeerSet peer, Ip other, Probe probe) {
        boolean in = sets.get(peer.set().id()).stream().anyMatch(element -> switch (element) {
            case Element.Address address -> address.ip().equals(other);
            case Element.Block block -> block.cidr().contains(other);
            case Element.Endpoint endpoint ->
                endpoint.equals(new Element.Endpoint(other, probe.protocol(), probe.port()));
        });
        return peer.outside() ? !in && peer.family().map(other.family()::equals).orElse(true) : in;
    }
}
