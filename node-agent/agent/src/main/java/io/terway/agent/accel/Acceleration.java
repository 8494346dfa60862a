package io.terway.agent.accel;

import io.terway.agent.accel.Shortcuts.Flow;
import io.terway.agent.loop.LoopGuard;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Lets connections of pods skip the host's stack, once that has accepted them: established, not translated, without a mark
 * of the HTTP proxy's, and alive for a moment. Policy has judged such a connection when it began, and a change that
 * forbids it makes the kernel forget it, which ends the shortcut too. Connections that the kernel may have ended unheard
 * are not kept. One thread.
 */
public final class Acceleration implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Acceleration.class);

    /** How long a shortcut may lead to a link that was deleted from outside. */
    private static final Duration LOOK = Duration.ofMillis(300);

    /** Somebody may set the kernel's parameters otherwise: looked at once a minute. */
    private static final int LOOKS_A_TOLERANCE = 200;

    /** Most connections are over sooner, and a shortcut costs more than their few packets gain. */
    private static final Duration RIPE = Duration.ofMillis(100);

    private static final Duration LONGEST_START = Duration.ofSeconds(2);

    private final CountDownLatch listening = new CountDownLatch(1);
    private final Path host;
    private final Allowed allowed;
    private final Shortcuts shortcuts;
    private final Thread thread;

    /** Established and not ripe yet, in the order in which they will be. */
    private final Map<Flow, Young> young = new LinkedHashMap<>();

    private long lookedAt;
    private int looks;
    private volatile int size;
    private volatile Optional<String> obstacle = Optional.empty();

    /** @param since System.nanoTime */
    private record Young(ConntrackEntry connection, long since) {}

    private Acceleration(Path host, Allowed allowed, Shortcuts shortcuts) {
        this.host = host;
        this.allowed = allowed;
        this.shortcuts = shortcuts;
        thread = Thread.ofPlatform().daemon().name("acceleration").unstarted(this::run);
    }

    /** Starts it; empty, with a line in the log, where this kernel cannot. */
    public static Optional<Acceleration> start(Path host, Allowed allowed) {
        try {
            Acceleration acceleration = new Acceleration(host, allowed, new Shortcuts(host));
            acceleration.thread.start();
            acceleration.awaitListening();
            return Optional.of(acceleration);
        } catch (KernelRefusal e) {
            LOG.infof("packets of pods take the host's stack, nothing skips it: %s", e.getMessage());
            return Optional.empty();
        }
    }

    /** Connections that begin before it listens get no shortcut; a failure to listen is the loop's to mend. */
    private void awaitListening() {
        try {
            if (!listening.await(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("acceleration is not listening to connections yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Connections that skip the stack now. */
    public int size() {
        return size;
    }

    /** For people: on, with how many connections; or off, and why. */
    public String status() {
        return obstacle.map(why -> "off: " + why).orElseGet(() -> "on, " + size + " connections skip the host's stack");
    }

    /** False once it follows connections no more: then it has none. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("accelerating connections of pods");
        try (shortcuts) {
            while (!Thread.currentThread().isInterrupted()) {
                guard.turn(this::follow);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A failure may be the monitor's, and what it told is lost then: the next turn begins with no shortcut. */
    private void follow() {
        forget();
        try (ConntrackMonitor monitor = ConntrackMonitor.open(host);
                Conntrack conntrack = Conntrack.open(host);
                Ends ends = Ends.open(host, allowed)) {
            look(ends);
            listening.countDown();
            while (!Thread.currentThread().isInterrupted()) {
                for (Event event : monitor.poll(young.isEmpty() ? LOOK : RIPE)) {
                    take(event);
                }
                ripen(conntrack, ends);
                if (System.nanoTime() - lookedAt > LOOK.toNanos()) {
                    look(ends);
                }
                size = shortcuts.size();
            }
        } finally {
            forget();
        }
    }

    private void forget() {
        young.clear();
        shortcuts.clear();
        size = 0;
    }

    private void take(Event event) {
        switch (event) {
            case Event.Opened _ -> {} // not subscribed to
            case Event.Overrun _ -> forget();
            case Event.Ended(ConntrackEntry connection) -> end(Flow.of(connection));
            case Event.Changed changed -> change(changed);
        }
    }

    private void end(Flow flow) {
        young.remove(flow);
        shortcuts.remove(flow);
    }

    private void change(Event.Changed changed) {
        Flow flow = Flow.of(changed.connection());
        boolean tcp = flow.protocol() == FlowProgram.TCP;
        if (changed.connection().mark() != 0
                || tcp
                        && changed.tcpState() != ConntrackMonitor.UNTOLD
                        && changed.tcpState() != ConntrackMonitor.ESTABLISHED) {
            end(flow);
        } else if (obstacle.isEmpty()
                && !shortcuts.has(flow)
                && young.size() < Shortcuts.MAX_FLOWS
                && changed.assured()
                && changed.plain()
                && (tcp ? changed.tcpState() == ConntrackMonitor.ESTABLISHED : flow.protocol() == FlowProgram.UDP)) {
            young.putIfAbsent(flow, new Young(changed.connection(), System.nanoTime()));
        }
    }

    private void ripen(Conntrack conntrack, Ends ends) {
        long now = System.nanoTime();
        Iterator<Map.Entry<Flow, Young>> eldest = young.entrySet().iterator();
        while (eldest.hasNext()) {
            Map.Entry<Flow, Young> next = eldest.next();
            if (now - next.getValue().since() < RIPE.toNanos()) {
                return;
            }
            eldest.remove();
            shorten(next.getKey(), next.getValue().connection(), conntrack, ends);
        }
    }

    private void shorten(Flow flow, ConntrackEntry connection, Conntrack conntrack, Ends ends) {
        Optional<Ends.Pair> pair = ends.of(flow.from(), flow.to());
        if (pair.isEmpty()) {
            return;
        }
        try {
            // Before the first packet is skipped; and a connection that has ended meanwhile gets no shortcut.
            if (flow.protocol() == FlowProgram.UDP || conntrack.relax(connection)) {
                shortcuts.add(flow, pair.get());
            }
        } catch (KernelRefusal e) {
            shortcuts.remove(flow);
            LOG.debugf("%s to %s takes the host's stack: %s", flow.from(), flow.to(), e.getMessage());
        }
    }

    /** At what may have changed unheard: the switch, pods that were released, links made anew, programs taken off. */
    private void look(Ends ends) {
        lookedAt = System.nanoTime();
        Optional<String> now = allowed.obstacle().get();
        if (!now.equals(obstacle)) {
            obstacle = now;
            LOG.infof(
                    "connections of pods skip the host's stack: %s",
                    now.map(why -> "no, " + why).orElse("yes"));
        }
        if (now.isPresent()) {
            forget();
            looks = 0;
        } else if (looks++ % LOOKS_A_TOLERANCE == 0) {
            Tolerance.ensure(host);
        }
        if (shortcuts.size() > 0) {
            shortcuts.keep(ends.intact());
        }
        shortcuts.mend();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
