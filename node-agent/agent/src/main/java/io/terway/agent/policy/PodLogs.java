package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.agent.pods.PodNamespace;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.LoggedPacket;
import io.terway.linux.netlink.PacketLog;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.policy.DenialLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Reads what is denied inside of pods that have the VPC's own link. One thread looks at all of them in turn. A process with
 * NET_ADMIN there can log what it likes: of each pod's log only so much counts, and only what the pod itself could have sent
 * or been sent. That it says so of connections that never were, remains.
 */
final class PodLogs implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PodLogs.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(300);

    /** Somebody inside of the pod may read the group. */
    private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

    /** Of one pod's log in one turn: a pod that floods its own must not silence the others'. */
    private static final int MOST_READS = 16;

    /** Packets of one pod that are told in a turn: what its own table logs, both directions, and a burst. */
    private static final int MOST_TOLD = 40;

    private final Supplier<Map<SandboxKey, PodNamespace>> namespaces;
    private final BiConsumer<SandboxKey, LoggedPacket> denied;
    private final Map<SandboxKey, PacketLog> logs = new HashMap<>();
    private final Map<SandboxKey, Long> refusedAt = new HashMap<>();
    private final Thread thread;

    PodLogs(Supplier<Map<SandboxKey, PodNamespace>> namespaces, BiConsumer<SandboxKey, LoggedPacket> denied) {
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
        Map<SandboxKey, PodNamespace> now = namespaces.get();
        refusedAt.keySet().retainAll(now.keySet());
        for (SandboxKey gone : Set.copyOf(logs.keySet())) {
            if (!now.containsKey(gone)) {
                logs.remove(gone).close();
            }
        }
        now.forEach((key, pod) -> {
            if (logs.containsKey(key)) {
                read(key, logs.get(key), pod.own());
            } else {
                open(key, pod.netns());
            }
        });
    }

    private void read(SandboxKey key, PacketLog log, Set<Ip> own) {
        List<LoggedPacket> told = new ArrayList<>();
        var packets = log.poll(Duration.ZERO);
        for (int turn = 0; turn < MOST_READS && !packets.isEmpty(); turn++) {
            packets.stream().filter(packet -> isAbout(own, packet)).forEach(told::add);
            packets = log.poll(Duration.ZERO);
        }
        told.stream().limit(MOST_TOLD).forEach(packet -> denied.accept(key, packet));
    }

    /** The end that the direction judges is the pod; what bears another's address was sent by nobody else. */
    private static boolean isAbout(Set<Ip> own, LoggedPacket packet) {
        return packet.prefix().equals(DenialLog.FORGED)
                ? !own.contains(packet.from())
                : Denials.direction(packet.prefix())
                        .map(direction -> switch (direction) {
                            case INGRESS -> packet.to();
                            case EGRESS -> packet.from();
                        })
                        .filter(own::contains)
                        .isPresent();
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
