package io.terway.agent.accel;

import io.terway.agent.accel.Shortcuts.Flow;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netlink.ConntrackMonitor;
import io.terway.linux.netlink.ConntrackMonitor.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Follows what the kernel tells of connections, and gives shortcuts to those that may have one. One thread. */
final class Following {

    private static final Logger LOG = Logger.getLogger(Following.class);

    /** How long a shortcut may lead to a link that was deleted from outside. */
    static final Duration LOOK = Duration.ofMillis(300);

    /** Somebody may set the kernel's parameters otherwise: read once a minute. */
    private static final int LOOKS_A_MEMORY = 200;

    /** Most connections are over sooner, and a shortcut costs more than their few packets gain. */
    private static final Duration RIPE = Duration.ofMillis(100);

    /** What the kernel gives a connection most for its last packets, in its own state FIN_WAIT. */
    private static final Duration LAST_PACKETS = Duration.ofSeconds(120);

    private final Path host;
    private final Shortcuts shortcuts;
    private final ConntrackMonitor monitor;
    private final Conntrack conntrack;
    private final Ends ends;

    /** Established and not ripe yet, in the order in which they will be. */
    private final Map<Flow, Young> young = new LinkedHashMap<>();

    private Memory memory;
    private long lookedAt;
    private int looks;

    /** @param since System.nanoTime */
    private record Young(ConntrackEntry connection, long since) {}

    Following(Path host, ConntrackMonitor monitor, Conntrack conntrack, Ends ends, Shortcuts shortcuts) {
        this.host = host;
        this.monitor = monitor;
        this.conntrack = conntrack;
        this.ends = ends;
        this.shortcuts = shortcuts;
        look();
    }

    int size() {
        return shortcuts.size();
    }

    /** Takes in what happened, or waits a moment for something to happen. True when it also looked about: time passes. */
    boolean turn() {
        for (Event event : monitor.poll(young.isEmpty() ? LOOK : RIPE)) {
            take(event);
        }
        ripen();
        boolean due = System.nanoTime() - lookedAt > LOOK.toNanos();
        if (due) {
            look();
        }
        return due;
    }

    private void take(Event event) {
        switch (event) {
            case Event.Opened _ -> {} // not subscribed to
            case Event.Overrun _ -> forget();
            case Event.Ended(ConntrackEntry connection) -> end(Flow.of(connection));
            case Event.Changed changed -> change(changed);
        }
    }

    private void forget() {
        young.clear();
        shortcuts.keep(_ -> false);
    }

    private void end(Flow flow) {
        young.remove(flow);
        shortcuts.remove(flow);
    }

    /**
     * Its last packets may still have skipped the stack after the first FIN, and the program had the kernel remember it as
     * if it went on, which nobody would ever take back. From here on all packets take the stack.
     */
    private void expire(Flow flow, ConntrackEntry connection) {
        boolean shortened = shortcuts.has(flow);
        end(flow);
        if (shortened) {
            try {
                conntrack.expire(connection, LAST_PACKETS);
            } catch (KernelRefusal e) {
                LOG.warnf("an ended connection stays among those the kernel tracks: %s", e.getMessage());
            }
        }
    }

    private void change(Event.Changed changed) {
        Flow flow = Flow.of(changed.connection());
        boolean tcp = flow.protocol() == FlowProgram.TCP;
        if (changed.connection().mark() != 0) {
            end(flow);
        } else if (tcp
                && changed.tcpState() != ConntrackMonitor.UNTOLD
                && changed.tcpState() != ConntrackMonitor.ESTABLISHED) {
            expire(flow, changed.connection());
        } else if (!shortcuts.has(flow)
                && young.size() < Shortcuts.MAX_FLOWS
                && changed.assured()
                && changed.plain()
                && (tcp ? changed.tcpState() == ConntrackMonitor.ESTABLISHED : flow.protocol() == FlowProgram.UDP)) {
            young.putIfAbsent(flow, new Young(changed.connection(), System.nanoTime()));
        }
    }

    private void ripen() {
        long now = System.nanoTime();
        Iterator<Map.Entry<Flow, Young>> eldest = young.entrySet().iterator();
        while (eldest.hasNext()) {
            Map.Entry<Flow, Young> next = eldest.next();
            if (now - next.getValue().since() < RIPE.toNanos()) {
                return;
            }
            eldest.remove();
            shorten(next.getKey(), next.getValue().connection());
        }
    }

    private void shorten(Flow flow, ConntrackEntry connection) {
        Optional<Ends.Pair> pair = ends.of(flow.from(), flow.to());
        if (pair.isEmpty()) {
            return;
        }
        try {
            boolean added = shortcuts.add(flow, pair.get(), memory.millis(flow.protocol()));
            // After its packets skip the stack: one that does not would be taken for unanswered later.
            if (added && flow.protocol() == FlowProgram.TCP && !conntrack.relax(connection)) {
                shortcuts.remove(flow);
            }
        } catch (KernelRefusal e) {
            shortcuts.remove(flow);
            LOG.debugf("%s to %s takes the host's stack: %s", flow.from(), flow.to(), e.getMessage());
        }
    }

    /** At what may have changed unheard: pods that were released, links made anew, programs taken off. */
    private void look() {
        lookedAt = System.nanoTime();
        if (looks++ % LOOKS_A_MEMORY == 0) {
            memory = Memory.of(host);
        }
        if (ends.changed() && shortcuts.size() > 0) {
            shortcuts.keep(ends.intact());
        }
        shortcuts.mend();
    }
}
