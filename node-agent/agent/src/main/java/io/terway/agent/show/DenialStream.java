package io.terway.agent.show;

import io.grpc.stub.ServerCallStreamObserver;
import io.terway.agent.denial.DenialFeed;
import io.terway.agent.denial.Watcher;
import io.terway.net.NodeName;
import io.terway.wire.agent.v1.DenialNews;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Writes to one who watches, as fast as he reads, until he goes. */
final class DenialStream {

    /** A cancelled call is noticed within it. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private final ServerCallStreamObserver<DenialNews> out;
    private final Watcher watcher;
    private final DenialFeed feed;
    private final Semaphore ready = new Semaphore(0);

    /** Before the call's method returns: handlers cannot be set later. */
    DenialStream(ServerCallStreamObserver<DenialNews> out, Watcher watcher, DenialFeed feed) {
        this.out = out;
        this.watcher = watcher;
        this.feed = feed;
        out.setOnCancelHandler(ready::release);
        out.setOnReadyHandler(ready::release);
    }

    void start(NodeName node, int perSecond) {
        Thread.ofVirtual().name("watch-denials").start(() -> {
            try {
                out.onNext(DenialNews.newBuilder()
                        .setNode(node.value())
                        .setToldPerSecond(perSecond)
                        .build());
                write();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                feed.leave(watcher);
            }
        });
    }

    private void write() throws InterruptedException {
        while (!out.isCancelled()) {
            if (!out.isReady()) {
                ready.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                continue;
            }
            DenialNews news = watcher.next(LOOK);
            if (news.getDenialsCount() > 0 || news.getLost() > 0) {
                out.onNext(news);
            }
        }
    }
}
