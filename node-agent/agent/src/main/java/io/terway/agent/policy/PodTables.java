package io.terway.agent.policy;

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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Tables inside of pods whose link is the VPC's own. Each is there before the link, and stays as long as the pod. Owned by
 * the policy thread; the namespaces may be asked for by any.
 */
final class PodTables {

    private static final Logger LOG = Logger.getLogger(PodTables.class);

    private final Path file;
    private final Function<Path, PolicyKernel> kernels;
    private final Supplier<PolicyTable> writers;
    private final Map<SandboxKey, KeptTable> tables = new HashMap<>();
    private final Map<SandboxKey, Path> namespaces = new ConcurrentHashMap<>();

    /** What became of one round. */
    record Round(int transactions, Set<SandboxKey> repaired, Map<SandboxKey, PolicyFailure> failed) {}

    /**
     * @param file notes which pods have one
     * @param writers makes what writes one
     */
    PodTables(Path file, Function<Path, PolicyKernel> kernels, Supplier<PolicyTable> writers) {
        this.file = file;
        this.kernels = kernels;
        this.writers = writers;
    }

    /** Namespaces of the pods that have one. Any thread. */
    Map<SandboxKey, Path> netns() {
        return Map.copyOf(namespaces);
    }

    void add(Binding pod) {
        if (tables.putIfAbsent(pod.key(), table(pod.netns())) == null) {
            note();
        }
        namespaces.put(pod.key(), pod.netns());
    }

    /** Finds those that an earlier agent made: by its notes, because a pod may have removed its table meanwhile. */
    void recall(Collection<Binding> pods) {
        Set<String> noted = notes();
        pods.stream().filter(pod -> noted.contains(pod.key().toString())).forEach(pod -> {
            tables.put(pod.key(), table(pod.netns()));
            namespaces.put(pod.key(), pod.netns());
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

    private KeptTable table(Path netns) {
        return new KeptTable(kernels.apply(netns), writers);
    }

    void remove(SandboxKey key) {
        if (tables.remove(key) != null) {
            note();
        }
        namespaces.remove(key);
    }

    void suspect() {
        tables.values().forEach(KeptTable::suspect);
    }

    void suspect(Map<SandboxKey, Set<Integer>> generations) {
        generations.forEach((key, numbers) -> {
            KeptTable table = tables.get(key);
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
        for (Map.Entry<SandboxKey, KeptTable> entry : tables.entrySet()) {
            SandboxKey key = entry.getKey();
            if (!Files.exists(namespaces.get(key))) {
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
