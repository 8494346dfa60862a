package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.linux.netlink.NftMonitor;
import io.terway.linux.nft.Nft;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/** Sees when somebody else changes our table, so that it is repaired within the second. */
final class TableWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TableWatch.class);

    private static final Duration WAIT = Duration.ofSeconds(1);

    /** After lost events the table is read as a whole, which costs; our own large changes may be what was lost. */
    private static final Duration LOOK_AT_MOST_EVERY = Duration.ofSeconds(2);

    private static final String TABLE = "terway";

    private final Path netns;
    private final Runnable suspicion;
    private final Thread thread;
    private long lookedAt = System.nanoTime() - LOOK_AT_MOST_EVERY.toNanos();
    private boolean owed;

    /** @param suspicion told when the table may have been changed */
    TableWatch(Path netns, Runnable suspicion) {
        this.netns = netns;
        this.suspicion = suspicion;
        thread = Thread.ofPlatform().daemon().name("policy-watch").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("watching our nftables table");
        try {
            while (true) {
                guard.turn(this::watch);
            }
        } catch (InterruptedException e) {
            LOG.debug("our nftables table is watched no more");
        }
    }

    private void watch() throws InterruptedException {
        try (NftMonitor monitor = NftMonitor.open(netns)) {
            while (!Thread.interrupted()) {
                turn(monitor.poll(WAIT));
            }
        }
        throw new InterruptedException();
    }

    private void turn(List<NftMonitor.Event> events) {
        for (NftMonitor.Event event : events) {
            switch (event) {
                case NftMonitor.Event.Committed(var tables, String process) -> {
                    if (tables.contains(TABLE) && !process.equals(Nft.threadName(netns))) {
                        LOG.infof("process '%s' changed our nftables table", process);
                        suspicion.run();
                    }
                }
                case NftMonitor.Event.Overrun() -> owed = true;
            }
        }
        if (owed && System.nanoTime() - lookedAt > LOOK_AT_MOST_EVERY.toNanos()) {
            lookedAt = System.nanoTime();
            owed = false;
            suspicion.run();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
