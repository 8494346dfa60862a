package io.terway.agent.ipam;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ReportResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** The session in force, for unary calls. Any thread. */
public final class IpamLink {

    private static final Logger LOG = Logger.getLogger(IpamLink.class);

    /** A warm ADD waits this long for ipam-service's choice before the agent chooses itself. */
    static final Duration ANSWER_WITHIN = Duration.ofMillis(300);

    /** After an unanswered question the next ADDs need not wait for the same. */
    private static final Duration HOLD_OFF = Duration.ofSeconds(2);

    /**
     * A call that nobody waits for any more goes on this long. It is not cancelled: an answer that meets a cancelled
     * stream makes the server's HTTP/2 end the whole connection, and with it the session (quarkus issue 56268).
     */
    private static final Duration LATE_ANSWER = Duration.ofSeconds(10);

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
        if (now == null || isHeldOff()) {
            return Optional.empty();
        }
        try {
            return ask(now, request, ANSWER_WITHIN);
        } catch (TimeoutException _) {
            holdOff("no answer within " + ANSWER_WITHIN.toMillis() + " ms");
        } catch (ExecutionException e) {
            holdOff(Status.fromThrowable(e.getCause()).toString());
        }
        return Optional.empty();
    }

    /** The same for a pod whose ADD is still to come: nobody is in a hurry, and silence says nothing yet. */
    Optional<AllocateResponse> allocateAhead(AllocateRequest request) {
        Session now = session;
        if (now == null) {
            return Optional.empty();
        }
        try {
            return ask(now, request, LATE_ANSWER);
        } catch (TimeoutException | ExecutionException _) {
            return Optional.empty();
        }
    }

    private static Optional<AllocateResponse> ask(Session now, AllocateRequest request, Duration patience)
            throws TimeoutException, ExecutionException {
        try {
            AllocateResponse answer = IpamGrpc.newFutureStub(now.channel())
                    .withDeadlineAfter(LATE_ANSWER.toNanos(), TimeUnit.NANOSECONDS)
                    .allocate(request.toBuilder().setSessionId(now.id()).build())
                    .get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return answer.getTerm() < now.term() ? Optional.empty() : Optional.of(answer);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private boolean isHeldOff() {
        return System.nanoTime() - heldOffUntil.get() < 0;
    }

    /** The next ADDs choose for themselves; said once, not for each ADD that had asked by then. */
    void holdOff(String why) {
        if (!isHeldOff()) {
            LOG.infof("ipam-service does not choose, the agent does: %s", why);
        }
        heldOffUntil.set(System.nanoTime() + HOLD_OFF.toNanos());
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
