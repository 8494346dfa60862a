package io.terway.agent.policy;

import io.terway.agent.pods.PodNamespace;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PolicyTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Tables inside of pods whose link is the VPC's own. Each is there before the link, and stays as long as the pod. Owned by
 * the policy thread; the namespaces may be asked for by any.
 */
final class PodTables {

    private static final Logger LOG = Logger.getLogger(PodTables.class);

    private final Path file;
    private final Supplier<PolicyTable> writers;
    private final BooleanSupplier guards;
    private final Map<SandboxKey, PodTable> tables = new HashMap<>();
    private final Map<SandboxKey, Binding> pods = new ConcurrentHashMap<>();

    /** What became of one round. */
    record Round(int transactions, Set<SandboxKey> repaired, Map<SandboxKey, PolicyFailure> failed) {}

    /**
     * @param file notes which pods have one
     * @param writers makes what writes one
     * @param guards whether the kernel can keep frames off a link
     */
    PodTables(Path file, Supplier<PolicyTable> writers, BooleanSupplier guards) {
        this.file = file;
        this.writers = writers;
        this.guards = guards;
    }

    /** Namespaces of the pods that have one. Any thread. */
    Map<SandboxKey, Path> netns() {
        return pods.values().stream().collect(Collectors.toUnmodifiableMap(Binding::key, Binding::netns));
    }

    /** What they are, with their pods' addresses. Any thread. */
    Map<SandboxKey, PodNamespace> inside() {
        return pods.values().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Binding::key, pod -> new PodNamespace(pod.netns(), Set.copyOf(pod.ips()))));
    }

    /** An address of the pod. Any thread. */
    Optional<Ip> address(SandboxKey key) {
        return Optional.ofNullable(pods.get(key))
                .flatMap(pod -> pod.ips().stream().findFirst());
    }

    void add(Binding pod) {
        if (tables.putIfAbsent(pod.key(), table(pod)) == null) {
            note();
        }
        pods.put(pod.key(), pod);
    }

    /** The pod has its link. */
    void connected(SandboxKey key) {
        PodTable table = tables.get(key);
        if (table != null) {
            table.frames().connected();
        }
    }

    /** Finds those that an earlier agent made: by its notes, because a pod may have removed its table meanwhile. */
    void recall(Collection<Binding> bound) {
        Set<String> noted = notes();
        bound.stream().filter(pod -> noted.contains(pod.key().toString())).forEach(pod -> {
            tables.put(pod.key(), table(pod));
            connected(pod.key());
            pods.put(pod.key(), pod);
        });
    }

    private Set<String> notes() {
        try {
            return Files.exists(file) ? Set.copyOf(Files.readAllLines(file)) : Set.of();
        } catch (IOException e) {
            LOG.errorf("which pods are judged inside is not known: %s cannot be read: %s", file, e.getMessage());
            return Set.of();
        }
    }

    private void note() {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(next, tables.keySet().stream().map(SandboxKey::toString).toList());
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.errorf(
                    "a restarted agent will not judge inside of pods: %s cannot be written: %s", file, e.getMessage());
        }
    }

    private PodTable table(Binding pod) {
        EphemeralKernel kernel = new EphemeralKernel(pod.netns());
        return new PodTable(
                pod.netns(),
                new KeptTable(kernel, writers),
                new FrameGuard(kernel, pod.key().ifName(), guards));
    }

    void remove(SandboxKey key) {
        if (tables.remove(key) != null) {
            note();
        }
        pods.remove(key);
    }

    void suspect() {
        tables.values().forEach(PodTable::suspect);
    }

    void suspect(Map<SandboxKey, Set<Integer>> generations) {
        generations.forEach((key, numbers) -> {
            PodTable table = tables.get(key);
            if (table != null) {
                numbers.forEach(table::suspect);
            }
        });
    }

    /** Every namespace that is still there gets what its pod needs; one failure holds up no other. */
    Round bringInStep(Function<SandboxKey, NodePolicy> policies) {
        int transactions = 0;
        Set<SandboxKey> repaired = new HashSet<>();
        Map<SandboxKey, PolicyFailure> failed = new HashMap<>();
        for (Map.Entry<SandboxKey, PodTable> entry : tables.entrySet()) {
            SandboxKey key = entry.getKey();
            if (!Files.exists(entry.getValue().netns())) {
                continue; // its DEL is under way
            }
            try {
                KeptTable.Step step = entry.getValue().bringInStep(policies.apply(key));
                transactions += step.transactions();
                if (step.repaired()) {
                    repaired.add(key);
                }
            } catch (PolicyFailure e) {
                failed.put(key, e);
            }
        }
        return new Round(transactions, repaired, failed);
    }
}
