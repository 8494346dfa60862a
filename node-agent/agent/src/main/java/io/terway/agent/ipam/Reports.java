package io.terway.agent.ipam;

import io.terway.agent.ledger.Ledger;
import io.terway.agent.loop.LoopGuard;
import io.terway.net.Ip;
import io.terway.node.commit.ReportQueue;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.Released;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ReportResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Binds and releases on their way to ipam-service: in order, one report at a time, as many entries as have gathered. What
 * does not fit is dropped from the front: the next session begins with the whole ledger.
 */
public final class Reports implements Ledger.Listener, AutoCloseable {

    private static final Duration RETRY = Duration.ofMillis(500);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReportQueue<LedgerEvent> queue = new ReportQueue<>(); // guarded by lock
    private final IpamLink link;
    private final Supplier<Duration> coolDown;
    private final Thread thread = Thread.ofVirtual().name("ipam-reports").unstarted(this::run);
    private boolean closed; // guarded by lock

    /** @param coolDown reported for released addresses */
    public Reports(IpamLink link, Supplier<Duration> coolDown) {
        this.link = link;
        this.coolDown = coolDown;
    }

    /** Lends a thread. */
    public void start() {
        thread.start();
    }

    /** False once nothing is reported any more. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    @Override
    public void changed(long sequence, Ledger.Change change) {
        lock.lock();
        try {
            queue.add(sequence, event(sequence, change));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private LedgerEvent event(long sequence, Ledger.Change change) {
        LedgerEvent.Builder event = LedgerEvent.newBuilder().setSequence(sequence);
        return switch (change) {
            case Ledger.Change.Bound(var binding) ->
                event.setBound(WireForm.binding(binding)).build();
            case Ledger.Change.Released(var binding, var plumbed) ->
                event.setReleased(Released.newBuilder()
                                .setSandbox(WireForm.sandbox(binding.key()))
                                .setPod(WireForm.pod(binding.pod()))
                                .addAllAddresses(
                                        binding.ips().stream().map(Ip::toString).toList())
                                .setCoolDownMs(plumbed ? coolDown.get().toMillis() : 0))
                        .build();
        };
    }

    /** A session has begun whose peer knows everything up to this sequence. */
    void connected(long acknowledged) {
        lock.lock();
        try {
            queue.connected(acknowledged);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void disconnected() {
        lock.lock();
        try {
            queue.disconnected();
        } finally {
            lock.unlock();
        }
    }

    /** True when this session's peer can no longer learn everything by reports: begin a new one. */
    boolean needsNewSession() {
        lock.lock();
        try {
            return queue.needsNewSession();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        LoopGuard guard = new LoopGuard("reporting to ipam-service");
        try {
            while (!isClosed()) {
                guard.turn(this::reportOnce);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void reportOnce() throws InterruptedException {
        List<LedgerEvent> batch = next();
        if (!batch.isEmpty()) {
            settle(link.report(ReportRequest.newBuilder().addAllEvents(batch).build()));
        }
    }

    private void settle(Optional<ReportResponse> answer) throws InterruptedException {
        lock.lock();
        try {
            answer.ifPresent(a -> queue.acknowledge(a.getAcknowledgedSequence()));
            if (answer.isEmpty() && !closed) {
                changed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for something to send; empty when closed. */
    private List<LedgerEvent> next() throws InterruptedException {
        lock.lock();
        try {
            while (!closed && !queue.isReady()) {
                changed.await();
            }
            return closed ? List.of() : queue.batch();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
