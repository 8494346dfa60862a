package io.terway.agent.policy;

import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Hold;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PodPolicy;
import io.terway.node.policy.PolicyChange;
import io.terway.node.policy.PolicyProgram;
import io.terway.node.policy.RequestPorts;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * What this node knows of policy, its pods, and the table that follows from both. Owned by the policy thread; what others
 * may ask says so.
 */
final class Table {

    private static final Logger LOG = Logger.getLogger(Table.class);

    private final KeptTable table;
    private final PodTables inPods;
    private final PolicyCopy copy;
    private final TableListener listener;
    private final Map<SandboxKey, Binding> pods = new HashMap<>();

    /** Of pods that were connected before this agent started: what the kernel enforced for them. */
    private final Set<SandboxKey> unjudgedBefore = new HashSet<>();

    private NodePolicy inForce = NodePolicy.NONE;
    private boolean started;

    /** What policy-service said and the disk does not have yet. */
    private final List<PolicyUpdate> unstored = new ArrayList<>();

    private boolean podFailed;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition learned = lock.newCondition();
    private PolicyMemory memory = PolicyMemory.EMPTY; // guarded by lock, written by the owner only
    private volatile boolean on = true;

    Table(KeptTable table, PodTables inPods, PolicyCopy copy, TableListener listener) {
        this.table = table;
        this.inPods = inPods;
        this.copy = copy;
        this.listener = listener;
    }

    /** Reads the disk; before the owner thread starts. */
    void recall(Collection<Binding> bound) {
        bound.forEach(pod -> pods.put(pod.key(), pod));
        unjudgedBefore.addAll(pods.keySet());
        know(copy.load());
    }

    /** Any thread. */
    boolean isOn() {
        return on;
    }

    /** True when that is a change. Any thread. */
    boolean switchTo(boolean wanted) {
        boolean before = on;
        on = wanted;
        return before != wanted;
    }

    /** Waits until policy-service has said what binds the pod, if it can be bound at all. Any thread. */
    void awaitKnown(PodLife pod, Duration atMost) {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (left > 0 && mayBeBound(pod) && memory.pod(pod).isEmpty()) {
                left = learned.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** True when nothing judges the pod, as far as it is known. Any thread. */
    boolean isFree(PodLife pod) {
        lock.lock();
        try {
            return memory.pod(pod)
                    .map(programs -> hold(programs, Direction.INGRESS) instanceof Hold.Free
                            && hold(programs, Direction.EGRESS) instanceof Hold.Free)
                    .orElseGet(() -> !mayBeBound(pod));
        } finally {
            lock.unlock();
        }
    }

    private boolean mayBeBound(PodLife pod) {
        return memory.index().map(index -> index.concerns(pod.ref())).orElse(true);
    }

    private void know(PolicyMemory next) {
        lock.lock();
        try {
            memory = next;
            learned.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** @throws IllegalArgumentException when the revision cannot be; what was known stays */
    void learn(List<PolicyUpdate> revision) {
        PolicyMemory next = memory.after(revision);
        policy(next, pods.values()); // refuses unknown programs and sets
        know(next);
        if (revision.getFirst().getFull()) {
            unstored.clear(); // says all of it again
        }
        unstored.addAll(revision);
    }

    /** @param inside true: the pod's link is the VPC's own, so it is judged inside of the pod */
    void came(Binding pod, boolean inside) {
        listener.taken(Set.copyOf(pod.ips()));
        pods.put(pod.key(), pod);
        unjudgedBefore.remove(pod.key());
        if (inside) {
            inPods.add(pod);
        }
    }

    /** The pod, judged inside, has its link. */
    void connected(SandboxKey key) {
        inPods.connected(key);
    }

    void left(SandboxKey key) {
        inPods.remove(key);
        Binding gone = pods.remove(key);
        unjudgedBefore.remove(key);
        if (gone != null) {
            Set<Ip> free = new HashSet<>(gone.ips());
            pods.values().forEach(other -> free.removeAll(other.ips()));
            listener.released(free);
            listener.left(gone.netns());
        }
    }

    /** Every table is read before the next change. */
    void suspect() {
        table.suspect();
        inPods.suspect();
    }

    /** Somebody committed this generation to the node's table. */
    void suspect(int generation) {
        table.suspect(generation);
    }

    /** Likewise inside of pods. */
    void suspect(Map<SandboxKey, Set<Integer>> generations) {
        inPods.suspect(generations);
    }

    boolean isInStep() {
        return table.isInStep() && unstored.isEmpty() && !podFailed;
    }

    /**
     * Makes the kernel enforce what is known, and ends what that forbids.
     *
     * @return pods that are not judged inside as they should be
     * @throws PolicyFailure when the kernel refuses; it is looked at anew next time
     */
    Map<SandboxKey, PolicyFailure> bringInStep() {
        long start = System.nanoTime();
        if (!started) {
            NftTable found = table.look();
            inPods.recall(pods.values());
            rememberUnjudged(found);
        }
        boolean judging = on;
        NodePolicy wanted = judging ? policy(memory, pods.values()) : NodePolicy.NONE;
        if (wanted != inForce) {
            listener.wanted(wanted, asked(wanted));
        }
        KeptTable.Step step = judging ? table.bringInStep(wanted) : table.remove();
        PodTables.Round round = inPods.bringInStep(this::inside);
        podFailed = !round.failed().isEmpty();
        NodePolicy old = inForce;
        inForce = wanted;
        if (step.transactions() > 0 || !started) {
            listener.inForce(wanted);
        }
        // A change that an earlier agent made may have been left half done by its death.
        Set<Ip> addresses = started ? PolicyChange.addresses(old, wanted) : PolicyChange.heldAddresses(wanted);
        started = true;
        if (!addresses.isEmpty()) {
            listener.changed(wanted, addresses);
        }
        if (!unstored.isEmpty()) {
            copy.append(unstored, memory);
            unstored.clear();
        }
        if (step.repaired()) {
            listener.repaired(Optional.empty());
        }
        round.repaired()
                .forEach(key -> listener.repaired(Optional.of(pods.get(key).pod())));
        round.failed()
                .forEach((key, why) -> LOG.errorf(
                        "policy is not in force inside of pod %s: %s",
                        pods.get(key).pod(), why.getMessage()));
        listener.inStep(
                step.transactions() + round.transactions(),
                round.repaired().size() + (step.repaired() ? 1 : 0),
                Duration.ofNanos(System.nanoTime() - start));
        return round.failed();
    }

    private Map<Binding, RequestPorts> asked(NodePolicy wanted) {
        Map<PodLife, RequestPorts> ports = wanted.requestPorts();
        return ports.isEmpty()
                ? Map.of()
                : pods.values().stream()
                        .filter(pod -> ports.containsKey(pod.pod()))
                        .collect(Collectors.toMap(pod -> pod, pod -> ports.get(pod.pod())));
    }

    private NodePolicy inside(SandboxKey key) {
        NodePolicy wanted = on ? policy(memory, List.of(pods.get(key))) : NodePolicy.NONE;
        listener.wantedInside(pods.get(key).netns(), wanted);
        return wanted;
    }

    /**
     * A damaged copy on disk must not open pods that the kernel still isolates, nor isolate those that it does not: without
     * any knowledge, pods from before stay as they are.
     */
    private void rememberUnjudged(NftTable found) {
        Set<String> judged = found.sets().values().stream()
                .filter(set -> set.name().startsWith("bound"))
                .flatMap(set -> set.elements().keySet().stream())
                .collect(Collectors.toSet());
        unjudgedBefore.removeIf(key -> pods.get(key).ips().stream().anyMatch(ip -> judged.contains(ip.toString())));
    }

    private NodePolicy policy(PolicyMemory known, Collection<Binding> bound) {
        Map<String, PolicyProgram> programs = known.programs();
        List<PodPolicy> held = new ArrayList<>();
        for (Binding pod : bound) {
            held.add(new PodPolicy(
                    pod.pod(), pod.ips(), hold(known, pod, Direction.INGRESS), hold(known, pod, Direction.EGRESS)));
        }
        return new NodePolicy(known.sets(), programs, held);
    }

    private Hold hold(PolicyMemory known, Binding pod, Direction direction) {
        Optional<PodPrograms> programs = known.pod(pod.pod());
        if (programs.isPresent()) {
            return hold(programs.get(), direction);
        }
        boolean concerned =
                known.index().map(index -> index.concerns(pod.pod().ref())).orElse(!unjudgedBefore.contains(pod.key()));
        return concerned ? new Hold.Isolated() : new Hold.Free();
    }

    private static Hold hold(PodPrograms programs, Direction direction) {
        String id = switch (direction) {
            case INGRESS -> programs.getIngressProgram();
            case EGRESS -> programs.getEgressProgram();
        };
        return id.isEmpty() ? new Hold.Free() : new Hold.ByProgram(id);
    }
}
