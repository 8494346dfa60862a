package io.terway.agent.repair;

import io.terway.agent.apply.DatapathApplier;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.loop.LoopGuard;
import io.terway.agent.node.EniLinks;
import io.terway.agent.sandbox.Sweep;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.RouteMonitor;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.NetnsFd;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Listens to the kernel and has what is suspected looked at, and mended where it differs, within a fraction of a second.
 * What the kernel does not announce (sysctls, tables inside pods) is looked at twice a second as far as that is cheap,
 * and by the slow sweep else. One thread.
 */
public final class RepairLoop implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(RepairLoop.class);

    /** How long suspicions are gathered: a restart of the OS's network takes everything away at once. */
    private static final Duration GATHER = Duration.ofMillis(30);

    private static final Duration LONGEST_GATHERING = Duration.ofMillis(300);

    private static final Duration QUICK_LOOK = Duration.ofMillis(500);

    private final Path netns;
    private final Ledger ledger;
    private final DatapathApplier applier;
    private final EniLinks links;
    private final Sweep sweep;
    private final Thread thread;
    private final Patience patience = new Patience();
    private final Map<SandboxKey, Optional<Integer>> numbers = new HashMap<>();
    private final Set<Target> suspects = new LinkedHashSet<>();
    private Suspicion suspicion = new Suspicion(List.of(), _ -> Optional.empty());
    private long knownSequence = -1;
    private long lookedAt;
    private long suspectedAt;

    public RepairLoop(Path netns, Ledger ledger, DatapathApplier applier, EniLinks links, Sweep sweep) {
        this.netns = netns;
        this.ledger = ledger;
        this.applier = applier;
        this.links = links;
        this.sweep = sweep;
        this.thread = Thread.ofPlatform().daemon().name("repair").unstarted(this::run);
    }

    /** Lends a thread. */
    public void start() {
        thread.start();
    }

    /** False once nothing is repaired any more. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("repairing what others damage");
        try {
            while (!Thread.currentThread().isInterrupted()) {
                guard.turn(this::listen);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A failure may be the monitor's: the next turn begins with a new one, and so with everything suspected. */
    private void listen() {
        try (RouteMonitor monitor = RouteMonitor.openEverywhere(netns);
                RouteSocket socket = RouteSocket.open(netns)) {
            while (!Thread.currentThread().isInterrupted()) {
                List<RouteMonitor.Seen> seen = monitor.pollEverywhere(suspects.isEmpty() ? untilLook() : GATHER);
                know(socket);
                boolean calm = suspects.isEmpty();
                seen.forEach(s -> suspicion.of(s).ifPresent(suspects::add));
                if (calm) {
                    suspectedAt = System.nanoTime();
                }
                if (untilLook().isZero()) {
                    suspects.addAll(quickLook());
                    lookedAt = System.nanoTime();
                }
                // Events that never pause put repair off, but not for ever.
                if (seen.isEmpty() || System.nanoTime() - suspectedAt > LONGEST_GATHERING.toNanos()) {
                    act();
                }
            }
        }
    }

    private Duration untilLook() {
        Duration left = QUICK_LOOK.minusNanos(System.nanoTime() - lookedAt);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Follows the ledger: what there is to be damaged. */
    private void know(RouteSocket socket) {
        long sequence = ledger.read(state -> state.sequence());
        if (sequence == knownSequence) {
            return;
        }
        List<Binding> bindings = ledger.read(state -> List.copyOf(state.bindings()));
        numbers.keySet().retainAll(bindings.stream().map(Binding::key).toList());
        suspicion = new Suspicion(bindings, b -> numbers.computeIfAbsent(b.key(), _ -> number(socket, b)));
        numbers.values().removeIf(Optional::isEmpty);
        knownSequence = sequence;
    }

    private static Optional<Integer> number(RouteSocket socket, Binding binding) {
        try (NetnsFd fd = NetnsFd.open(binding.netns())) {
            return Optional.of(socket.number(fd));
        } catch (KernelRefusal gone) {
            return Optional.empty(); // not made yet, or no more
        }
    }

    private Set<Target> quickLook() {
        Set<Target> found = new LinkedHashSet<>();
        found.add(new Target.Node());
        DatapathApplier.QuickLook look = applier.quickLook(sweep.attachments());
        look.pods().forEach(key -> found.add(new Target.Pod(key)));
        if (!look.enisIntact()) {
            found.add(new Target.Enis());
        }
        return found;
    }

    private void act() {
        Set<Target> now = new LinkedHashSet<>(suspects);
        suspects.clear();
        boolean all = now.contains(new Target.Everything());
        if (all || now.contains(new Target.Enis()) || now.contains(new Target.Node())) {
            links.mend(all || now.contains(new Target.Enis()));
        }
        List<Binding> bindings = ledger.read(state -> List.copyOf(state.bindings()));
        for (Binding binding : bindings) {
            Target.Pod pod = new Target.Pod(binding.key());
            if ((all || now.contains(pod)) && patience.allows(binding.key(), System.nanoTime())) {
                switch (sweep.mend(binding)) {
                    case INTACT -> {}
                    case BUSY -> suspects.add(pod); // until the call is over
                    case MENDED -> {
                        patience.mended(binding.key(), System.nanoTime());
                        LOG.debugf("mended %s", binding.key());
                    }
                }
            }
        }
        patience.forget(bindings.stream().map(Binding::key).toList());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
