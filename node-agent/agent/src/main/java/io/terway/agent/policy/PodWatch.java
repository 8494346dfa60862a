package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.NftMonitor;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Sees when a pod that may do so alters the table in its own namespace. One thread looks at all of them in turn. */
final class PodWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PodWatch.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(300);
    private static final String TABLE = "terway";

    private final Supplier<Map<SandboxKey, Path>> namespaces;
    private final Consumer<Map<SandboxKey, Set<Integer>>> suspicion;
    private final Map<SandboxKey, NftMonitor> monitors = new HashMap<>();
    private final Thread thread;

    PodWatch(Supplier<Map<SandboxKey, Path>> namespaces, Consumer<Map<SandboxKey, Set<Integer>>> suspicion) {
        this.namespaces = namespaces;
        this.suspicion = suspicion;
        thread = Thread.ofPlatform().daemon().name("policy-pods").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("watching nftables tables inside of pods");
        try {
            while (true) {
                guard.turn(this::turn);
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            monitors.values().forEach(NftMonitor::close);
        }
    }

    private void turn() {
        Map<SandboxKey, Path> now = namespaces.get();
        for (SandboxKey gone : Set.copyOf(monitors.keySet())) {
            if (!now.containsKey(gone)) {
                monitors.remove(gone).close();
            }
        }
        Map<SandboxKey, Set<Integer>> suspected = new HashMap<>();
        now.forEach((key, netns) -> {
            if (!monitors.containsKey(key)) {
                open(key, netns);
                suspected.put(key, Set.of(TableWatch.UNKNOWN)); // what happened before we looked is not known
            } else {
                Set<Integer> generations = committed(monitors.get(key));
                if (!generations.isEmpty()) {
                    suspected.put(key, generations);
                }
            }
        });
        if (!suspected.isEmpty()) {
            suspicion.accept(suspected);
        }
    }

    private void open(SandboxKey key, Path netns) {
        try {
            monitors.put(key, NftMonitor.open(netns));
        } catch (KernelRefusal e) {
            LOG.debugf("namespace %s is not watched: %s", netns, e.getMessage());
        }
    }

    private static Set<Integer> committed(NftMonitor monitor) {
        Set<Integer> generations = new HashSet<>();
        for (var events = monitor.poll(Duration.ZERO); !events.isEmpty(); events = monitor.poll(Duration.ZERO)) {
            for (NftMonitor.Event event : events) {
                switch (event) {
                    case NftMonitor.Event.Committed(var tables, String _, int generation) -> {
                        if (tables.contains(TABLE)) {
                            generations.add(generation);
                        }
                    }
                    case NftMonitor.Event.Overrun() -> generations.add(TableWatch.UNKNOWN);
                }
            }
        }
        return generations;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
