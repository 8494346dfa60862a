package io.terway.agent.ipam;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ReportResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** The session in force, for unary calls. Any thread. */
public final class IpamLink {

    private static final Logger LOG = Logger.getLogger(IpamLink.class);

    /** A warm ADD waits this long for ipam-service's choice before the agent chooses itself. */
    private static final Duration ANSWER_WITHIN = Duration.ofMillis(300);

    /** After an unanswered question the next ADDs need not wait for the same. */
    private static final Duration HOLD_OFF = Duration.ofSeconds(2);

    private static final Duration REPORT_WITHIN = Duration.ofSeconds(5);

    private volatile Session session;
    private volatile Runnable whenOpened = () -> {};
    private final AtomicLong heldOffUntil = new AtomicLong(System.nanoTime());

    /** An open session. */
    record Session(String id, long term, Channel channel, String peer) {}

    /** Runs at each welcome of ipam-service. */
    public void whenOpened(Runnable task) {
        whenOpened = task;
    }

    void open(Session opened) {
        whenOpened.run();
        session = opened;
        heldOffUntil.set(System.nanoTime());
    }

    void end() {
        session = null;
    }

    /** Leader and term, for people; empty while there is no session. */
    public Optional<String> peer() {
        return Optional.ofNullable(session).map(s -> "connected to " + s.peer() + ", term " + s.term());
    }

    /**
     * Asks which address a sandbox gets; the session is filled in. Empty when ipam-service does not answer in time, is
     * not connected, or an older leader answers.
     */
    public Optional<AllocateResponse> allocate(AllocateRequest request) {
        Session now = session;
        if (now == null || System.nanoTime() - heldOffUntil.get() < 0) {
            return Optional.empty();
        }
        try {
            AllocateResponse answer = IpamGrpc.newBlockingStub(now.channel())
                    .withDeadlineAfter(ANSWER_WITHIN.toNanos(), TimeUnit.NANOSECONDS)
                    .allocate(request.toBuilder().setSessionId(now.id()).build());
            return answer.getTerm() < now.term() ? Optional.empty() : Optional.of(answer);
        } catch (StatusRuntimeException e) {
            LOG.infof("ipam-service does not choose, the agent does: %s", e.getStatus());
            heldOffUntil.set(System.nanoTime() + HOLD_OFF.toNanos());
            return Optional.empty();
        }
    }

    /** Sends what the ledger committed; empty when there is no session or it was refused. */
    Optional<ReportResponse> report(ReportRequest request) {
        Session now = session;
        if (now == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(IpamGrpc.newBlockingStub(now.channel())
                    .withDeadlineAfter(REPORT_WITHIN.toNanos(), TimeUnit.NANOSECONDS)
                    .report(request.toBuilder().setSessionId(now.id()).build()));
        } catch (StatusRuntimeException e) {
            LOG.infof("reporting to ipam-service: %s", e.getStatus());
            return Optional.empty();
        }
    }
}
