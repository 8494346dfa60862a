package io.terway.agent;

import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.CheckResult;
import io.terway.agent.apply.DelResult;
import io.terway.agent.apply.EniResult;
import io.terway.agent.apply.NodeResult;
import io.terway.agent.apply.Stages;
import io.terway.agent.sandbox.Datapath;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Witnesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A kernel that remembers who is connected, and that two pods never share an address. */
final class KernelModel implements Datapath {

    private static final Stages NO_TIME = new Stages(Duration.ZERO, Duration.ZERO, Duration.ZERO, 1);

    private final Map<SandboxKey, PodAttachment> connected = new HashMap<>();
    private final Set<EniId> links = new HashSet<>();
    private String refusal = "";
    private int bugs;
    private Runnable beforeAdd = () -> {};
    private volatile Runnable step = () -> {};

    synchronized void plug(EniId eni) {
        links.add(eni);
    }

    /** Refuses every add from now on; empty: works again. */
    synchronized void refuse(String reason) {
        refusal = reason;
    }

    /** The next looks at links end in an exception that is no kernel's refusal. */
    synchronized void failLooks(int times) {
        bugs = times;
    }

    /** Runs in each add, before the kernel changes. */
    synchronized void beforeAdd(Runnable hook) {
        beforeAdd = hook;
    }

    /** Runs before and after each change of what is connected. */
    void watch(Runnable hook) {
        step = hook;
    }

    synchronized Map<SandboxKey, PodAttachment> connected() {
        return Map.copyOf(connected);
    }

    @Override
    public synchronized List<Witnesses.Connected> everyConnected() {
        return connected.values().stream()
                .map(pod -> new Witnesses.Connected(
                        pod.key().containerId(),
                        pod.key().ifName(),
                        LinkNames.hostLink(pod.pod(), pod.key().ifName()),
                        pod.addresses(),
                        Optional.of(pod.netns())))
                .toList();
    }

    synchronized void forget(SandboxKey key) {
        connected.remove(key);
    }

    @Override
    public AddResult add(PodAttachment pod) {
        Runnable hook;
        synchronized (this) {
            hook = beforeAdd;
        }
        hook.run();
        synchronized (this) {
            if (!refusal.isEmpty()) {
                return new AddResult.Failed("make the link", refusal);
            }
            connected.values().stream()
                    .filter(other -> !other.key().equals(pod.key()))
                    .filter(other -> other.addresses().stream().anyMatch(pod.addresses()::contains))
                    .findAny()
                    .ifPresent(other -> {
                        throw new AssertionError(pod.key() + " and " + other.key() + " share " + pod.addresses());
                    });
            step.run();
            connected.put(pod.key(), pod);
            step.run();
            return new AddResult.Plumbed("cali0", new Mac(1), new Mac(2), NO_TIME);
        }
    }

    @Override
    public synchronized CheckResult check(PodAttachment pod) {
        return pod.equals(connected.get(pod.key()))
                ? new CheckResult.Intact()
                : new CheckResult.Differs(List.of("link cali0 is missing"));
    }

    @Override
    public synchronized DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        step.run();
        connected.remove(key);
        step.run();
        return new DelResult.Removed(NO_TIME);
    }

    @Override
    public synchronized EniResult ensureEni(EniAttachment eni) {
        if (bugs > 0) {
            bugs--;
            throw new IllegalStateException("a look at " + eni.id() + " failed");
        }
        return links.contains(eni.id()) ? new EniResult.Ready("eth1", 7, 1007) : new EniResult.Absent();
    }

    @Override
    public NodeResult ensureNode(NodeNetwork node) {
        return new NodeResult.Ready(List.of());
    }

    @Override
    public Connection supported(Connection wanted) {
        return wanted;
    }

    @Override
    public int uplinkMtu() {
        return 1500;
    }

    @Override
    public int largestMtu(Connection connection) {
        return 0;
    }
}
