package io.terway.agent.accel;

import io.terway.agent.accel.Shortcuts.Flow;
import io.terway.agent.loop.LoopGuard;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netlink.ConntrackMonitor;
import io.terway.linux.netlink.ConntrackMonitor.Event;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.Ip;
import io.terway.node.datapath.LinkNames;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Lets connections between two pods of this node skip the host's stack, once that has accepted them: established, not
 * translated, without a mark of the HTTP proxy's. Policy has judged such a connection when it began, and a change that
 * forbids it makes the kernel forget it, which ends the shortcut too. Connections that the kernel may have ended unheard
 * are not kept. One thread.
 */
public final class Acceleration implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Acceleration.class);

    /** How long a shortcut may lead to a link that was deleted from outside. */
    private static final Duration LOOK = Duration.ofMillis(300);

    private static final Duration LONGEST_START = Duration.ofSeconds(2);

    private final CountDownLatch listening = new CountDownLatch(1);
    private final Path host;
    private final Function<Ip, Optional<Binding>> holders;
    private final Shortcuts shortcuts;
    private final Thread thread;
    private long lookedAt;
    private volatile int size;

    private Acceleration(Path host, Function<Ip, Optional<Binding>> holders, Shortcuts shortcuts) {
        this.host = host;
        this.holders = holders;
        this.shortcuts = shortcuts;
        thread = Thread.ofPlatform().daemon().name("acceleration").unstarted(this::run);
    }

    /**
     * Starts it; empty, with a line in the log, where this kernel cannot.
     *
     * @param holders the pod behind an address, if its packets may skip the queues of its links
     */
    public static Optional<Acceleration> start(Path host, Function<Ip, Optional<Binding>> holders) {
        try {
            Acceleration acceleration = new Acceleration(host, holders, new Shortcuts(host));
            acceleration.thread.start();
            acceleration.awaitListening();
            return Optional.of(acceleration);
        } catch (KernelRefusal e) {
            LOG.infof("packets between pods of this node take the host's stack, nothing skips it: %s", e.getMessage());
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

    /** False once it follows connections no more: then it has none. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("accelerating connections between pods");
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
        shortcuts.clear();
        try (ConntrackMonitor monitor = ConntrackMonitor.open(host);
                Conntrack conntrack = Conntrack.open(host);
                RouteSocket links = RouteSocket.open(host)) {
            listening.countDown();
            while (!Thread.currentThread().isInterrupted()) {
                for (Event event : monitor.poll(LOOK)) {
                    take(event, conntrack, links);
                }
                if (System.nanoTime() - lookedAt > LOOK.toNanos()) {
                    look(links);
                    lookedAt = System.nanoTime();
                }
                size = shortcuts.size();
            }
        } finally {
            shortcuts.clear();
        }
    }

    private void take(Event event, Conntrack conntrack, RouteSocket links) {
        switch (event) {
            case Event.Overrun _ -> shortcuts.clear();
            case Event.Ended(ConntrackEntry connection) -> shortcuts.remove(Flow.of(connection));
            case Event.Changed changed -> change(changed, conntrack, links);
        }
    }

    private void change(Event.Changed changed, Conntrack conntrack, RouteSocket links) {
        Flow flow = Flow.of(changed.connection());
        boolean tcp = flow.protocol() == FlowProgram.TCP;
        if (changed.connection().mark() != 0
                || tcp
                        && changed.tcpState() != ConntrackMonitor.UNTOLD
                        && changed.tcpState() != ConntrackMonitor.ESTABLISHED) {
            shortcuts.remove(flow);
        } else if (!shortcuts.has(flow)
                && changed.assured()
                && !changed.translated()
                && (tcp ? changed.tcpState() == ConntrackMonitor.ESTABLISHED : flow.protocol() == FlowProgram.UDP)) {
            shorten(flow, changed.connection(), conntrack, links);
        }
    }

    private void shorten(Flow flow, ConntrackEntry connection, Conntrack conntrack, RouteSocket links) {
        Optional<PodEnd> from = end(flow.from(), links);
        Optional<PodEnd> to = from.flatMap(_ -> end(flow.to(), links));
        if (to.isEmpty() || from.get().link() == to.get().link()) {
            return;
        }
        try {
            // Before the first packet is skipped; and a connection that has ended meanwhile gets no shortcut.
            if (flow.protocol() == FlowProgram.UDP || conntrack.relax(connection)) {
                shortcuts.add(flow, from.get(), to.get());
            }
        } catch (KernelRefusal e) {
            shortcuts.remove(flow);
            LOG.debugf("%s to %s takes the host's stack: %s", flow.from(), flow.to(), e.getMessage());
        }
    }

    private Optional<PodEnd> end(Ip ip, RouteSocket links) {
        return holders.apply(ip)
                .filter(b -> b.attachment() == Attachment.SHARED || b.attachment() == Attachment.ROUTED)
                .flatMap(b -> links.link(name(b))
                        .filter(Link::up)
                        .map(l -> new PodEnd(
                                b.key(), ip, l.index(), LinkNames.hostMac(b.key()), LinkNames.podMac(b.key()))));
    }

    private static String name(Binding binding) {
        return LinkNames.hostLink(binding.pod().ref(), binding.key().ifName());
    }

    /** Pods that were released, or whose link was made anew. */
    private void look(RouteSocket links) {
        if (shortcuts.size() == 0) {
            shortcuts.keep(_ -> true);
            return;
        }
        Map<Integer, String> names = links.links().stream().collect(Collectors.toMap(Link::index, Link::name));
        shortcuts.keep(end -> holders.apply(end.ip())
                .filter(b -> b.key().equals(end.sandbox()))
                .filter(b -> name(b).equals(names.get(end.link())))
                .isPresent());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
