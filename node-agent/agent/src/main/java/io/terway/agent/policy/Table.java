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
import io.terway.node.policy.PolicyTable;
import io.terway.node.policy.TablePlanner;
import io.terway.node.policy.Transaction;
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

    private final PolicyKernel kernel;
    private final PolicyTable writer;
    private final PolicyCopy copy;
    private final Listener listener;
    private final Map<SandboxKey, Binding> pods = new HashMap<>();

    /** Of pods that were connected before this agent started: what the kernel enforced for them. */
    private final Set<SandboxKey> unjudgedBefore = new HashSet<>();

    private Optional<NftTable> observed = Optional.empty();
    private NodePolicy inForce = NodePolicy.NONE;
    private boolean started;
    private boolean unstored;
    private boolean suspected = true;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition learned = lock.newCondition();
    private PolicyMemory memory = PolicyMemory.EMPTY; // guarded by lock, written by the owner only
    private volatile boolean on = true;

    /** Told what changed in the kernel. */
    interface Listener {

        /** These addresses are judged differently. */
        void changed(NodePolicy now, Set<Ip> addresses);

        /** These addresses have no pod any more. */
        void released(Set<Ip> addresses);

        /** The kernel has it all. @param transactions how many it took, @param repaired true when a stranger's change was undone */
        void inStep(int transactions, boolean repaired, Duration took);
    }

    Table(PolicyKernel kernel, PolicyTable writer, PolicyCopy copy, Listener listener) {
        this.kernel = kernel;
        this.writer = writer;
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
        unstored = true;
    }

    void came(Binding pod) {
        pods.put(pod.key(), pod);
        unjudgedBefore.remove(pod.key());
    }

    void left(SandboxKey key) {
        Binding gone = pods.remove(key);
        unjudgedBefore.remove(key);
        if (gone != null) {
            Set<Ip> free = new HashSet<>(gone.ips());
            pods.values().forEach(other -> free.removeAll(other.ips()));
            listener.released(free);
        }
    }

    /** The table is read before the next change. */
    void suspect() {
        suspected = true;
    }

    boolean isInStep() {
        return observed.isPresent() && !unstored;
    }

    /**
     * Makes the kernel enforce what is known, and ends what that forbids.
     *
     * @throws PolicyFailure when the kernel refuses; it is looked at anew next time
     */
    void bringInStep() {
        long start = System.nanoTime();
        boolean looked = suspected || observed.isEmpty();
        Optional<NftTable> before = observed;
        if (looked) {
            observed = Optional.of(kernel.read());
            suspected = false;
            before.filter(b -> !b.equals(observed.get()))
                    .ifPresent(_ -> LOG.warn("somebody changed our nftables table; it is repaired"));
            rememberUnjudged(before.isEmpty());
        }
        NodePolicy wanted = on ? policy(memory, pods.values()) : NodePolicy.NONE;
        NftTable table = writer.of(wanted);
        List<Transaction> plan = TablePlanner.plan(table, observed.get());
        observed = Optional.empty(); // until all of it is done
        plan.forEach(kernel::apply);
        observed = Optional.of(table);
        NodePolicy old = inForce;
        inForce = wanted;
        // A change that an earlier agent made may have been left half done by its death.
        Set<Ip> addresses = started ? PolicyChange.addresses(old, wanted) : PolicyChange.heldAddresses(wanted);
        started = true;
        if (!addresses.isEmpty()) {
            listener.changed(wanted, addresses);
        }
        if (unstored) {
            copy.store(memory);
            unstored = false;
        }
        boolean repaired = looked && before.isPresent() && !plan.isEmpty();
        listener.inStep(plan.size(), repaired, Duration.ofNanos(System.nanoTime() - start));
    }

    /**
     * A damaged copy on disk must not open pods that the kernel still isolates, nor isolate those that it does not: without
     * any knowledge, pods from before stay as they are.
     */
    private void rememberUnjudged(boolean first) {
        if (first) {
            Set<String> judged = observed.get().sets().values().stream()
                    .filter(set -> set.name().startsWith("bound"))
                    .flatMap(set -> set.elements().keySet().stream())
                    .collect(Collectors.toSet());
            unjudgedBefore.removeIf(key -> pods.get(key).ips().stream().anyMatch(ip -> judged.contains(ip.toString())));
        }
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
