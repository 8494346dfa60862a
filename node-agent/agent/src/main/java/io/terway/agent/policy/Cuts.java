package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Address;
import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.Ip;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Judge;
import io.terway.node.policy.Judgement;
import io.terway.node.policy.L7Marks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Ends connections that a change forbids: the table lets packets of known connections pass, so the kernel is made to
 * forget those. Addresses that were released are forgotten altogether, so that their next holder inherits no connection.
 * Work that piles up is done in one pass; a thread of its own, because a busy node tracks some hundred thousand.
 */
final class Cuts implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Cuts.class);

    private final Path netns;
    private final Supplier<Collection<Path>> inside;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private Set<Ip> changed = new HashSet<>(); // guarded by lock
    private Set<Ip> released = new HashSet<>(); // guarded by lock
    private Judge judge; // guarded by lock
    private final Thread thread;
    private volatile long total;

    /** @param inside namespaces of pods that track connections of their own */
    Cuts(Path netns, Supplier<Collection<Path>> inside) {
        this.netns = netns;
        this.inside = inside;
        thread = Thread.ofPlatform().daemon().name("policy-cuts").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** Connections ended so far. */
    long total() {
        return total;
    }

    /** Connections of these addresses are judged anew, by the policy that is in force now. */
    void rejudge(Judge now, Set<Ip> addresses) {
        add(now, addresses, Set.of());
    }

    /** These addresses have no pod any more. */
    void forget(Set<Ip> addresses) {
        add(null, Set.of(), addresses);
    }

    private void add(Judge nowOrNull, Set<Ip> rejudged, Set<Ip> gone) {
        lock.lock();
        try {
            judge = nowOrNull == null ? judge : nowOrNull;
            changed.addAll(rejudged);
            released.addAll(gone);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        LoopGuard guard = new LoopGuard("ending forbidden connections");
        try {
            while (true) {
                guard.turn(this::turn);
            }
        } catch (InterruptedException e) {
            LOG.debug("no more connections are ended");
        }
    }

    private void turn() throws InterruptedException {
        Set<Ip> rejudged;
        Set<Ip> gone;
        Judge now;
        lock.lockInterruptibly();
        try {
            while (changed.isEmpty() && released.isEmpty()) {
                work.await();
            }
            rejudged = changed;
            gone = released;
            now = judge;
            changed = new HashSet<>();
            released = new HashSet<>();
        } finally {
            lock.unlock();
        }
        pass(now, rejudged, gone);
    }

    private void pass(Judge now, Set<Ip> rejudged, Set<Ip> gone) {
        Set<Ip> own = ownAddresses();
        pass(netns, own, now, rejudged, gone);
        if (!rejudged.isEmpty()) {
            inside.get().forEach(pod -> pass(pod, own, now, rejudged, Set.of()));
        }
    }

    private void pass(Path where, Set<Ip> own, Judge now, Set<Ip> rejudged, Set<Ip> gone) {
        try (Conntrack conntrack = Conntrack.open(where)) {
            List<ConntrackEntry> doomed = new ArrayList<>();
            conntrack.forEach(entry -> {
                if (gone.contains(entry.from()) || gone.contains(entry.translated())) {
                    doomed.add(entry);
                } else if (rejudged.contains(entry.from()) || rejudged.contains(entry.translated())) {
                    if (!own.contains(entry.from()) && !own.contains(entry.translated()) && !passes(now, entry)) {
                        doomed.add(entry);
                    }
                }
            });
            int cut = conntrack.delete(doomed);
            total += cut;
            if (cut > 0) {
                LOG.infof("%d connections of changed or released pod addresses ended", cut);
            }
        } catch (KernelRefusal e) {
            if (Files.exists(where)) {
                LOG.warnf("connections that a policy change forbids may live on: %s", e.getMessage());
            }
        }
    }

    private static boolean passes(Judge judge, ConntrackEntry entry) {
        Flow flow = new Flow(entry.from(), entry.translated(), entry.protocol(), entry.translatedPort());
        return passes(judge.judge(Direction.EGRESS, flow), entry)
                && passes(judge.judge(Direction.INGRESS, flow), entry);
    }

    /** Of what only requests decide, the proxy's own connections: it ends them by itself. */
    private static boolean passes(Judgement judgement, ConntrackEntry entry) {
        return switch (judgement) {
            case Judgement.Accepted _ -> true;
            case Judgement.Denied _ -> false;
            case Judgement.ByRequest _ -> L7Marks.isProxied(entry.mark());
        };
    }

    private Set<Ip> ownAddresses() {
        Set<Ip> own = new HashSet<>();
        try (RouteSocket routes = RouteSocket.open(netns)) {
            for (Address address : routes.addresses(0)) {
                own.add(address.ip());
            }
        }
        return own;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
