package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.LoggedPacket;
import io.terway.linux.netlink.PacketLog;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Reads what is denied inside of pods that have the VPC's own link. One thread looks at all of them in turn. */
final class PodLogs implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PodLogs.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(300);

    /** Somebody inside of the pod may read the group. */
    private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

    /** Of one pod's log in one turn: a pod that floods its own must not silence the others'. */
    private static final int MOST_READS = 16;

    private final Supplier<Map<SandboxKey, Path>> namespaces;
    private final BiConsumer<SandboxKey, LoggedPacket> denied;
    private final Map<SandboxKey, PacketLog> logs = new HashMap<>();
    private final Map<SandboxKey, Long> refusedAt = new HashMap<>();
    private final Thread thread;

    PodLogs(Supplier<Map<SandboxKey, Path>> namespaces, BiConsumer<SandboxKey, LoggedPacket> denied) {
        this.namespaces = namespaces;
        this.denied = denied;
        thread = Thread.ofPlatform().daemon().name("policy-pod-logs").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("reading what is denied inside of pods");
        try {
            while (true) {
                guard.turn(this::turn);
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            logs.values().forEach(PacketLog::close);
        }
    }

    private void turn() {
        Map<SandboxKey, Path> now = namespaces.get();
        refusedAt.keySet().retainAll(now.keySet());
        for (SandboxKey gone : Set.copyOf(logs.keySet())) {
            if (!now.containsKey(gone)) {
                logs.remove(gone).close();
            }
        }
        now.forEach((key, netns) -> {
            if (logs.containsKey(key)) {
                read(key, logs.get(key));
            } else {
                open(key, netns);
            }
        });
    }

    private void read(SandboxKey key, PacketLog log) {
        var packets = log.poll(Duration.ZERO);
        for (int turn = 0; turn < MOST_READS && !packets.isEmpty(); turn++) {
            packets.forEach(packet -> denied.accept(key, packet));
            packets = log.poll(Duration.ZERO);
        }
        packets.forEach(packet -> denied.accept(key, packet));
    }

    private void open(SandboxKey key, Path netns) {
        Long before = refusedAt.get(key);
        if (before != null && System.nanoTime() - before < TRY_AGAIN.toNanos()) {
            return;
        }
        try {
            logs.put(key, PacketLog.open(netns, Denials.GROUP));
            refusedAt.remove(key);
        } catch (KernelRefusal e) {
            refusedAt.put(key, System.nanoTime());
            LOG.debugf("what is denied in namespace %s is not told: %s", netns, e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
