package io.terway.agent.denial;

import io.terway.wire.agent.v1.DenialNews;
import io.terway.wire.policy.v1.Denial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Somebody who watches: what he has not taken yet waits for him, up to a bound; then he loses the newest, and is told. */
public final class Watcher implements Listener {

    /** Denials that may wait for a reader. */
    static final int WAITING = 1_000;

    /** Denials in one message: some 100 KiB. */
    private static final int MOST_IN_MESSAGE = 250;

    private final WatchFilter filter;
    private final BlockingQueue<Denial> waiting = new ArrayBlockingQueue<>(WAITING);
    private final AtomicLong lost = new AtomicLong();

    Watcher(WatchFilter filter) {
        this.filter = filter;
    }

    @Override
    public void tell(List<Denial> denials, long lostByAll) {
        lost.addAndGet(lostByAll);
        for (Denial denial : denials) {
            if (filter.lets(denial) && !waiting.offer(denial)) {
                lost.incrementAndGet();
            }
        }
    }

    /** What has come; says nothing when nothing came within {@code wait}. */
    public DenialNews next(Duration wait) throws InterruptedException {
        List<Denial> taken = new ArrayList<>();
        Denial first = waiting.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
            taken.add(first);
            waiting.drainTo(taken, MOST_IN_MESSAGE - 1);
        }
        return DenialNews.newBuilder()
                .addAllDenials(taken)
                .setLost(lost.getAndSet(0))
                .build();
    }
}
