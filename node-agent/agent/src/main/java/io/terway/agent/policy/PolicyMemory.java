package io.terway.agent.policy;

import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.PolicyProgram;
import io.terway.node.policy.PolicySet;
import io.terway.wire.policy.v1.IsolationIndex;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Program;
import io.terway.wire.policy.v1.SetUpdate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What policy-service said of this node, immutable.
 *
 * @param messages the programs as they came, for the copy on disk
 * @param pods by UID
 * @param index empty: nobody ever told
 */
record PolicyMemory(
        Map<String, PolicySet> sets,
        Map<String, PolicyProgram> programs,
        Map<String, Program> messages,
        Map<String, PodPrograms> pods,
        Optional<Index> index) {

    static final PolicyMemory EMPTY = new PolicyMemory(Map.of(), Map.of(), Map.of(), Map.of(), Optional.empty());

    /** Elements of all sets; a cluster's pods a few times over. More would be a fault, and the node's memory its victim. */
    static final int MOST_ELEMENTS = 2_000_000;

    /**
     * Which pods may be judged at all.
     *
     * @param clusterTier policies without a namespace exist
     */
    record Index(Set<String> namespaces, boolean clusterTier) {
        Index {
            namespaces = Set.copyOf(namespaces);
        }

        boolean concerns(PodRef pod) {
            return clusterTier || namespaces.contains(pod.namespace());
        }
    }

    PolicyMemory {
        sets = Map.copyOf(sets);
        programs = Map.copyOf(programs);
        messages = Map.copyOf(messages);
        pods = Map.copyOf(pods);
    }

    /** The programs that bind the pod, if it is known. */
    Optional<PodPrograms> pod(PodLife life) {
        if (!life.uid().isEmpty()) {
            return Optional.ofNullable(pods.get(life.uid()));
        }
        return pods.values().stream()
                .filter(p -> p.getPod().getNamespace().equals(life.ref().namespace())
                        && p.getPod().getName().equals(life.ref().name()))
                .findFirst();
    }

    /**
     * What is known after one whole revision.
     *
     * @throws IllegalArgumentException when the update cannot be
     */
    PolicyMemory after(Iterable<PolicyUpdate> revision) {
        PolicyMemory now = this;
        boolean first = true;
        for (PolicyUpdate message : revision) {
            now = now.after(message, first && message.getFull(), this);
            first = false;
        }
        return now;
    }

    /** @param origin a full state may repeat what it has: keeping those objects keeps the kernel's sets and chains */
    private PolicyMemory after(PolicyUpdate update, boolean startOver, PolicyMemory origin) {
        Map<String, PolicySet> nextSets = new HashMap<>(startOver ? Map.of() : sets);
        for (SetUpdate set : update.getSetsList()) {
            Optional<PolicySet> before = Optional.ofNullable(nextSets.get(set.getId()))
                    .or(() -> Optional.ofNullable(origin.sets.get(set.getId())));
            nextSets.put(set.getId(), PolicyWire.set(set, before));
        }
        Map<String, PolicyProgram> nextPrograms = new HashMap<>(startOver ? Map.of() : programs);
        Map<String, Program> nextMessages = new HashMap<>(startOver ? Map.of() : messages);
        for (Program program : update.getProgramsList()) {
            boolean known = program.equals(origin.messages.get(program.getId()));
            nextMessages.put(program.getId(), program);
            nextPrograms.put(
                    program.getId(), known ? origin.programs.get(program.getId()) : PolicyWire.program(program));
        }
        Map<String, PodPrograms> nextPods = new HashMap<>(startOver ? Map.of() : pods);
        update.getPodsList().forEach(pod -> nextPods.put(pod.getPod().getUid(), pod));
        update.getRemovedPodsList().forEach(nextPods::remove);
        update.getRemovedProgramsList().forEach(nextPrograms::remove);
        update.getRemovedProgramsList().forEach(nextMessages::remove);
        update.getRemovedSetsList().forEach(nextSets::remove);
        PolicyMemory next = new PolicyMemory(
                nextSets,
                nextPrograms,
                nextMessages,
                nextPods,
                update.hasIndex() ? Optional.of(index(update.getIndex())) : index);
        next.requireBounded();
        return next;
    }

    private void requireBounded() {
        long elements = sets.values().stream().mapToLong(PolicyMemory::size).sum();
        if (elements > MOST_ELEMENTS) {
            throw new IllegalArgumentException("policy-service sent " + elements
                    + " set elements for this node; at most " + MOST_ELEMENTS + " are kept");
        }
    }

    private static long size(PolicySet set) {
        return switch (set) {
            case PolicySet.Addresses a -> a.addresses().size();
            case PolicySet.Blocks b -> b.blocks().size();
            case PolicySet.Endpoints e -> e.endpoints().size();
        };
    }

    /** All of it as one message, for the copy on disk. */
    PolicyUpdate whole() {
        PolicyUpdate.Builder out = PolicyUpdate.newBuilder().setFull(true);
        sets.values().forEach(set -> out.addSets(PolicyWire.set(set)));
        messages.values().forEach(out::addPrograms);
        pods.values().forEach(out::addPods);
        index.ifPresent(i -> out.setIndex(IsolationIndex.newBuilder()
                .addAllNamespaces(i.namespaces().stream().sorted().toList())
                .setClusterTier(i.clusterTier())));
        return out.build();
    }

    private static Index index(IsolationIndex index) {
        return new Index(Set.copyOf(index.getNamespacesList()), index.getClusterTier());
    }
}
