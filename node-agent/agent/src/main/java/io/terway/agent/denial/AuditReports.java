package io.terway.agent.denial;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.terway.agent.loop.LoopGuard;
import io.terway.agent.loop.News;
import io.terway.net.NodeName;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.PolicyGrpc;
import io.terway.wire.policy.v1.ReportRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Sends denials to policy-service for its audit channel, in batches; what no replica takes waits, up to a bound. A batch
 * whose answer is lost is sent again, so a line may come twice.
 */
public final class AuditReports implements Listener, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(AuditReports.class);

    /** Denials that wait for a replica. */
    static final int WAITING = 5_000;

    /** Denials in one report. */
    static final int MOST_IN_REPORT = 1_000;

    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration WITHIN = Duration.ofSeconds(5);

    private final NodeName node;
    private final Supplier<Optional<Channel>> channel;
    private final BlockingQueue<Denial> waiting = new ArrayBlockingQueue<>(WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final News refusals = new News();
    private final Thread thread;
    private List<Denial> batch = List.of(); // the thread's

    /** @param channel to the replica that is followed */
    public AuditReports(NodeName node, Supplier<Optional<Channel>> channel) {
        this.node = node;
        this.channel = channel;
        thread = Thread.ofVirtual().name("denial-audit").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    @Override
    public void tell(List<Denial> denials, long lostByAll) {
        lost.addAndGet(lostByAll);
        for (Denial denial : denials) {
            if (!waiting.offer(denial)) {
                lost.incrementAndGet();
            }
        }
    }

    private void run() {
        LoopGuard guard = new LoopGuard("reporting denied connections for the audit channel");
        try {
            while (true) {
                Thread.sleep(EVERY);
                guard.turn(this::turn);
            }
        } catch (InterruptedException e) {
            LOG.debug("denied connections are reported no more");
        }
    }

    private void turn() {
        Optional<Channel> open = channel.get();
        while (open.isPresent() && (!batch.isEmpty() || !waiting.isEmpty() || lost.get() > 0)) {
            if (batch.isEmpty()) {
                batch = new ArrayList<>();
                waiting.drainTo(batch, MOST_IN_REPORT);
            }
            if (!send(open.get())) {
                return;
            }
            batch = List.of();
        }
    }

    private boolean send(Channel to) {
        long lostBefore = lost.get();
        try {
            PolicyGrpc.newBlockingStub(to)
                    .withDeadlineAfter(WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                    .report(ReportRequest.newBuilder()
                            .setNodeName(node.value())
                            .addAllDenials(batch)
                            .setLost(lostBefore)
                            .build());
            lost.addAndGet(-lostBefore);
            refusals.over();
            return true;
        } catch (StatusRuntimeException e) {
            if (refusals.isNew(e.getMessage())) {
                LOG.infof("denied connections wait for the audit channel: %s", e.getMessage());
            }
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
