package io.terway.agent.apply;

import io.terway.agent.loop.LoopGuard;
import io.terway.agent.loop.News;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Links;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.NetnsFd;
import io.terway.node.datapath.Conventions;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Deletes retired links, all of a group in one request: that shares the kernel's grace period, which costs 20 ms for a
 * single link and holds the lock every ADD needs. One thread of its own in the host's namespace.
 */
final class Reaper implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Reaper.class);

    /** How long links are gathered after the first one; the last of a burst is gone well within a second. */
    private static final long GATHER_MILLIS = 250;

    /** Links also retire without a word: those of a process that died. A refused deletion is tried again then. */
    private static final long SWEEP_SECONDS = 30;

    private final Semaphore retired = new Semaphore(1);
    private final News refusals = new News();
    private final Thread thread;
    private volatile boolean closed;

    Reaper(Path hostNetns) {
        NetnsFd netns = NetnsFd.open(hostNetns);
        thread = Thread.ofPlatform().daemon().name("link reaper").start(() -> run(netns));
    }

    /** A link has retired. Never waits. */
    void wake() {
        retired.release();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(NetnsFd netns) {
        LoopGuard guard = new LoopGuard("deleting retired links");
        try (netns) {
            netns.enter();
            while (!closed) {
                guard.turn(this::reapUntilClosed);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A failure that is not the kernel's refusal may be the socket's: the next turn begins with a new one. */
    private void reapUntilClosed() throws InterruptedException {
        try (RouteSocket socket = RouteSocket.open()) {
            while (!closed) {
                reap(socket);
            }
        }
    }

    /** False once nothing is deleted any more. */
    boolean isAlive() {
        return thread.isAlive();
    }

    private void reap(RouteSocket socket) throws InterruptedException {
        if (retired.tryAcquire(SWEEP_SECONDS, TimeUnit.SECONDS)) {
            Thread.sleep(GATHER_MILLIS);
            retired.drainPermits();
        }
        try {
            socket.execute(Links.deleteGroup(Conventions.REAPER_GROUP));
            refusals.over();
        } catch (KernelRefusal e) {
            if (refusals.isNew(e.getMessage())) {
                LOG.warnf("%s; it is tried again in %d s", e.getMessage(), SWEEP_SECONDS);
            }
        }
    }
}
