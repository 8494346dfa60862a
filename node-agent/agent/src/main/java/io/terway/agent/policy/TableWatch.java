package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.linux.netlink.NftMonitor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;
import org.jboss.logging.Logger;

/** Sees when somebody else changes our table, so that it is repaired within the second. */
final class TableWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TableWatch.class);

    private static final Duration WAIT = Duration.ofSeconds(1);

    /** After lost events the table is read as a whole, which costs; our own large changes may be what was lost. */
    private static final Duration LOOK_AT_MOST_EVERY = Duration.ofSeconds(2);

    private static final String TABLE = "terway";

    /** No generation of ours. */
    static final int UNKNOWN = 0;

    private final Path netns;
    private final IntConsumer suspicion;
    private final Thread thread;
    private long lookedAt = System.nanoTime() - LOOK_AT_MOST_EVERY.toNanos();
    private boolean owed;

    /** @param suspicion told each generation that changed the table */
    TableWatch(Path netns, IntConsumer suspicion) {
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
                case NftMonitor.Event.Committed(var tables, String _, int generation) -> {
                    if (tables.contains(TABLE)) {
                        suspicion.accept(generation);
                    }
                }
                case NftMonitor.Event.Overrun() -> owed = true;
            }
        }
        if (owed && System.nanoTime() - lookedAt > LOOK_AT_MOST_EVERY.toNanos()) {
            lookedAt = System.nanoTime();
            owed = false;
            suspicion.accept(UNKNOWN);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
