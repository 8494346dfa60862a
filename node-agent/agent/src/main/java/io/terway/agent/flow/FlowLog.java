package io.terway.agent.flow;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.agent.denial.Names;
import io.terway.agent.loop.LoopGuard;
import io.terway.agent.pods.PodNamespace;
import io.terway.link.RotatingLines;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netlink.ConntrackMonitor;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Judge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Writes a sample of the connections that were accepted: the kernel tells of each when its first packet has passed every
 * rule. The sample is drawn in the kernel, so what is not written costs no more than its making. One thread.
 */
public final class FlowLog implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(FlowLog.class);

    private static final Duration EVERY = Duration.ofMillis(500);

    /** Connections that are taken in one turn; what is left over waits in the kernel, which counts what it loses. */
    private static final int MOST_IN_TURN = 20_000;

    /** Addresses that are named in one turn; of further ones no name is written. */
    private static final int MOST_NAMED = 512;

    /**
     * Whose connections are told.
     *
     * @param netns the node's namespace
     * @param inside namespaces of pods that have the VPC's own link, whose connections the node does not see
     * @param pods of this node, by address
     * @param judge by which rules
     */
    public record Sources(
            Path netns,
            Supplier<Collection<PodNamespace>> inside,
            Function<Ip, Optional<PodLife>> pods,
            Supplier<Judge> judge) {}

    private final NodeName node;
    private final Sources sources;
    private final Names names;
    private final FlowLimits limits;
    private final RotatingLines lines;
    private final Counter written;
    private final Counter lost;
    private final Map<Path, ConntrackMonitor> monitors = new HashMap<>();
    private final Thread thread;

    public FlowLog(
            NodeName node, Sources sources, Names names, FlowLimits limits, Path directory, MeterRegistry registry) {
        this.node = node;
        this.sources = sources;
        this.names = names;
        this.limits = limits;
        lines = new RotatingLines(directory, "flows", limits.files());
        written = Counter.builder("terway_flow_log_lines")
                .description("Accepted connections that were written to the flow log")
                .tag("node", node.value())
                .register(registry);
        lost = Counter.builder("terway_flow_log_lost")
                .description("Connections of the sample that were not written: too many in a second")
                .tag("node", node.value())
                .register(registry);
        thread = Thread.ofPlatform().daemon().name("flow-log").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("writing the flow log");
        try {
            while (true) {
                guard.turn(this::turn);
                Thread.sleep(EVERY);
            }
        } catch (InterruptedException e) {
            monitors.values().forEach(ConntrackMonitor::close);
            try {
                lines.close();
            } catch (IOException ended) {
                throw new UncheckedIOException(ended);
            }
        }
    }

    private void turn() {
        Map<Path, Predicate<Ip>> wanted = new HashMap<>();
        sources.inside().get().forEach(pod -> wanted.put(pod.netns(), pod.own()::contains));
        wanted.put(sources.netns(), this::isPod);
        for (Path gone : Set.copyOf(monitors.keySet())) {
            if (!wanted.containsKey(gone)) {
                monitors.remove(gone).close();
            }
        }
        List<List<ConntrackEntry>> opened = new ArrayList<>();
        int share = Math.max(1, MOST_IN_TURN / wanted.size());
        wanted.forEach((netns, own) -> {
            ConntrackMonitor monitor = monitors.get(netns);
            if (monitor != null) {
                opened.add(collect(monitor, own, share));
            } else {
                open(netns);
            }
        });
        if (opened.stream().anyMatch(queue -> !queue.isEmpty())) {
            write(opened);
        }
    }

    private void open(Path netns) {
        try {
            monitors.put(netns, ConntrackMonitor.ofNew(netns, limits.oneIn()));
        } catch (KernelRefusal e) {
            LOG.debugf("accepted connections in %s are not told: %s", netns, e.getMessage());
        }
    }

    /** @param own whose connections this namespace may tell of */
    private List<ConntrackEntry> collect(ConntrackMonitor monitor, Predicate<Ip> own, int most) {
        List<ConntrackEntry> opened = new ArrayList<>();
        int taken = 0;
        for (var events = monitor.poll(Duration.ZERO);
                !events.isEmpty() && taken < most;
                events = monitor.poll(Duration.ZERO)) {
            taken += events.size();
            for (ConntrackMonitor.Event event : events) {
                switch (event) {
                    case ConntrackMonitor.Event.Opened(ConntrackEntry entry) -> {
                        if (own.test(entry.from()) || own.test(entry.translated())) {
                            opened.add(entry);
                        }
                    }
                    case ConntrackMonitor.Event.Changed _, ConntrackMonitor.Event.Ended _ -> {} // not subscribed to
                    case ConntrackMonitor.Event.Overrun() -> lost.increment();
                }
            }
        }
        return opened;
    }

    private boolean isPod(Ip ip) {
        return sources.pods().apply(ip).isPresent();
    }

    /** Every namespace has its turn; what is beyond the limit is counted. */
    private void write(List<List<ConntrackEntry>> opened) {
        int room = (int) Math.max(1, limits.perSecond() * EVERY.toMillis() / 1_000);
        List<ConntrackEntry> kept = Turns.take(opened, room);
        lost.increment(opened.stream().mapToInt(List::size).sum() - kept.size());
        Set<Ip> ends = new HashSet<>();
        for (ConntrackEntry entry : kept) {
            if (ends.size() < MOST_NAMED) {
                ends.add(entry.from());
                ends.add(entry.translated());
            }
        }
        Map<Ip, Names.Holder> holders = names.of(ends);
        Judge judge = sources.judge().get();
        Instant now = Instant.now();
        kept.forEach(entry -> lines.appendOrLose(FlowLine.of(entry, node.value(), judge, holders, now), now));
        written.increment(kept.size());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
