package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.net.Ip;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Judge;
import io.terway.node.policy.Judgement;
import io.terway.node.policy.L7Marks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
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

    /** Failures in a row after which people must know. */
    static final int LOUD_AFTER = 5;

    /**
     * How long released addresses are gathered: a look at all connections costs milliseconds, on the cores that the next
     * ADD needs, and the addresses cool down for longer. What is forbidden does not wait.
     */
    private static final Duration GATHER = Duration.ofMillis(250);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    /** What is owed is bounded by the addresses this node has, so it is kept until it succeeds. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final TrackedConnections connections;
    private final Duration firstPause;
    private final Path netns;
    private final Supplier<Collection<Path>> inside;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition passed = lock.newCondition();
    private Set<Ip> changed = new HashSet<>(); // guarded by lock
    private Set<Ip> released = new HashSet<>(); // guarded by lock
    private Set<Ip> inHand = Set.of(); // released, in the pass that runs; guarded by lock
    private Judge judge; // guarded by lock
    private final Thread thread;
    private Duration pause;
    private volatile int failures;
    private final AtomicLong total = new AtomicLong();

    /** What one pass does. */
    private record Work(Judge judge, Set<Ip> rejudged, Set<Ip> gone) {}

    /** @param inside namespaces of pods that track connections of their own */
    Cuts(Path netns, Supplier<Collection<Path>> inside) {
        this(new KernelConnections(), netns, inside, FIRST_PAUSE);
    }

    Cuts(TrackedConnections connections, Path netns, Supplier<Collection<Path>> inside, Duration firstPause) {
        this.connections = connections;
        this.firstPause = firstPause;
        pause = firstPause;
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
        return total.get();
    }

    /** Addresses whose forbidden connections may live on because the kernel refused; 0 when all is well. */
    int owed() {
        lock.lock();
        try {
            return failures == 0 ? 0 : Math.max(1, changed.size() + released.size());
        } finally {
            lock.unlock();
        }
    }

    /** Connections of these addresses are judged anew, by the policy that is in force now. */
    void rejudge(Judge now, Set<Ip> addresses) {
        add(now, addresses, Set.of());
    }

    /** These addresses have no pod any more. */
    void forget(Set<Ip> addresses) {
        add(null, Set.of(), addresses);
    }

    /**
     * These addresses have a pod again, as a fixed one may at once: what their last holder left is ended now, since a later
     * pass could not tell it from the new pod's connections. What the kernel refuses stays owed.
     */
    void settle(Set<Ip> addresses) {
        Set<Ip> due;
        lock.lock();
        try {
            while (!Collections.disjoint(inHand, addresses)) {
                passed.awaitUninterruptibly();
            }
            due = new HashSet<>(addresses);
            due.retainAll(released);
            released.removeAll(due);
        } finally {
            lock.unlock();
        }
        if (due.isEmpty()) {
            return;
        }
        try {
            total.addAndGet(
                    connections.end(netns, entry -> due.contains(entry.from()) || due.contains(entry.translated())));
        } catch (KernelRefusal e) {
            LOG.warnf("connections of the last holder of %s are to be ended again: %s", due, e.getMessage());
            forget(due);
        }
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
        Work next;
        lock.lockInterruptibly();
        try {
            while (changed.isEmpty() && released.isEmpty()) {
                work.await();
            }
            long left = GATHER.toNanos();
            while (changed.isEmpty() && left > 0) {
                left = work.awaitNanos(left);
            }
            next = new Work(judge, changed, released);
            changed = new HashSet<>();
            released = new HashSet<>();
            inHand = next.gone();
        } finally {
            lock.unlock();
        }
        try {
            pass(next);
            succeeded();
        } catch (RuntimeException e) {
            add(null, next.rejudged(), next.gone());
            failed(e);
        } finally {
            passed();
        }
        if (failures > 0) {
            Thread.sleep(pause);
        }
    }

    private void passed() {
        lock.lock();
        try {
            inHand = Set.of();
            passed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Everywhere, whatever fails where; what failed first is told then. */
    private void pass(Work next) {
        List<Path> places = new ArrayList<>(List.of(netns));
        if (!next.rejudged().isEmpty()) {
            places.addAll(inside.get());
        }
        Set<Ip> own = connections.ownAddresses(netns);
        RuntimeException first = null;
        for (Path where : places) {
            try {
                int cut = connections.end(where, entry -> isDoomed(entry, next, own));
                total.addAndGet(cut);
                if (cut > 0) {
                    LOG.infof("%d connections of changed or released pod addresses ended", cut);
                }
            } catch (KernelRefusal e) {
                first = first != null || !Files.exists(where) ? first : e;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void succeeded() {
        if (failures >= LOUD_AFTER) {
            LOG.info("connections that policy forbids are ended again");
        }
        failures = 0;
        pause = firstPause;
    }

    private void failed(RuntimeException e) {
        failures++;
        pause = failures == 1 ? firstPause : min(pause.multipliedBy(2), LONGEST_PAUSE);
        if (failures == LOUD_AFTER) {
            LOG.errorf(
                    e,
                    "connections that policy forbids live on: %d tries to end them failed, the last because of: %s;"
                            + " it is tried again every %d s, see terway_policy_cuts_owed",
                    failures,
                    e.getMessage(),
                    LONGEST_PAUSE.toSeconds());
        } else {
            LOG.warnf("forbidden connections are to be ended again: %s", e.getMessage());
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static boolean isDoomed(ConntrackEntry entry, Work work, Set<Ip> own) {
        if (work.gone().contains(entry.from()) || work.gone().contains(entry.translated())) {
            return true;
        }
        boolean concerned =
                work.rejudged().contains(entry.from()) || work.rejudged().contains(entry.translated());
        return concerned
                && !own.contains(entry.from())
                && !own.contains(entry.translated())
                && !passes(work.judge(), entry);
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

    @Override
    public void close() {
        thread.interrupt();
    }
}
