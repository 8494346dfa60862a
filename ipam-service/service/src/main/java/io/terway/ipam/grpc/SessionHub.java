package io.terway.ipam.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.SessionId;
import io.terway.ipam.Word;
import io.terway.ipam.k8s.PodDirectory;
import io.terway.ipam.leader.LoopThread;
import io.terway.link.Caller;
import io.terway.net.NodeName;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.ServerMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The open sessions of this process. */
final class SessionHub implements AutoCloseable {

    /** Sessions of one caller: the one it has, and those whose end has not come here yet. The oldest makes room. */
    static final int MOST_OF_ONE = 3;

    static final Status NOT_LEADER = Status.FAILED_PRECONDITION.withDescription("not the leader");

    private static final Logger LOG = Logger.getLogger(SessionHub.class);
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(5);

    private final Map<SessionId, AgentSession> sessions = new ConcurrentHashMap<>();
    /** Of verified callers, oldest first. A deque is touched inside compute only. */
    private final Map<Caller, Deque<AgentSession>> byCaller = new ConcurrentHashMap<>();

    private final PodDirectory pods;
    private final int limit;
    private final Thread sweeper;

    SessionHub(PodDirectory pods, int limit) {
        this.pods = pods;
        this.limit = limit;
        sweeper = Thread.ofVirtual().name("session-sweep").start(this::sweep);
    }

    StreamObserver<AgentMessage> open(LoopThread loop, ServerCallStreamObserver<ServerMessage> stream) {
        var id = new SessionId(UUID.randomUUID().toString());
        var outbox = new Outbox(stream);
        var session = new AgentSession(id, loop, outbox, () -> forget(id));
        stream.setOnReadyHandler(outbox::drain);
        sessions.put(id, session);
        limit(session);
        if (sessions.size() > limit) {
            session.end(Status.RESOURCE_EXHAUSTED.withDescription(
                    "this replica serves terway.max-sessions=" + limit + " agents already; raise it"));
        }
        return session;
    }

    /** Whoever it is has no more than a few: others find room. */
    private void limit(AgentSession newest) {
        boolean known = switch (newest.caller()) {
            case Caller.NodeAgent _, Caller.Service _ -> true;
            case Caller.Unverified _ -> false;
        };
        if (known) {
            List<AgentSession> before = new ArrayList<>();
            byCaller.compute(newest.caller(), (_, its) -> {
                Deque<AgentSession> all = its == null ? new ArrayDeque<>() : its;
                all.addLast(newest);
                while (all.size() > MOST_OF_ONE) {
                    before.add(all.removeFirst());
                }
                return all;
            });
            before.forEach(oldest -> end(
                    oldest,
                    Status.ABORTED.withDescription("more than " + MOST_OF_ONE + " sessions of " + oldest.caller())));
        }
    }

    /**
     * The object that names a session in the loop. With thousands of nodes comparing a name with one that lies elsewhere costs
     * the loop more than all else it does to find the session.
     */
    SessionId known(SessionId id) {
        AgentSession session = sessions.get(id);
        return session == null ? id : session.id();
    }

    /** The node whose agent opened this session and has said Hello. */
    Optional<NodeName> nodeOf(SessionId id) {
        return Optional.ofNullable(sessions.get(id)).flatMap(AgentSession::node);
    }

    void say(SessionId id, Word word) {
        AgentSession session = sessions.get(id);
        if (session != null) {
            session.say(word);
            if (word instanceof Word.Welcome) {
                session.node()
                        .ifPresent(node -> pods.subscribe(
                                node,
                                id,
                                update ->
                                        session.send(ServerMessage.newBuilder().setPods(update))));
            }
        }
    }

    void end(IpamCommand.EndSession end) {
        AgentSession session = sessions.get(end.session());
        if (session != null) {
            Status status = switch (end.end()) {
                case REPLACED -> Status.ABORTED;
                case QUARANTINED, NOT_LEADER, OTHER_SHARD -> Status.FAILED_PRECONDITION;
            };
            session.end(status.withDescription(end.reason()));
        }
    }

    void endAll(Status status) {
        sessions.values().forEach(session -> end(session, status));
    }

    @Override
    public void close() {
        sweeper.interrupt();
        endAll(Status.UNAVAILABLE.withDescription("shutting down"));
    }

    private static void end(AgentSession session, Status status) {
        try {
            session.end(status);
        } catch (RuntimeException e) { // the other sessions end all the same
            LOG.warnf(e, "the session of %s did not end cleanly", session.node());
        }
    }

    private void forget(SessionId id) {
        AgentSession session = sessions.remove(id);
        if (session != null) {
            session.node().ifPresent(node -> pods.unsubscribe(node, id));
            byCaller.computeIfPresent(session.caller(), (_, its) -> {
                its.remove(session);
                return its.isEmpty() ? null : its;
            });
        }
    }

    private void sweep() {
        try {
            while (true) {
                Thread.sleep(SWEEP_EVERY);
                for (AgentSession session : sessions.values()) {
                    Optional<Status> overdue = session.overdue(System.nanoTime());
                    overdue.ifPresentOrElse(
                            why -> end(session, why), () -> session.outbox().drain());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
