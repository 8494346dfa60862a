package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.SessionId;
import io.terway.ipam.k8s.PodDirectory;
import io.terway.ipam.leader.LoopThread;
import io.terway.link.Caller;
import io.terway.link.ModelStream;
import io.terway.net.NodeName;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.Ping;
import io.terway.wire.ipam.v1.ServerMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions of callers that want more than their share. */
class SessionHubTest {

    private final LoopThread loop = new LoopThread(new IpamLoop(1), (_, _) -> {});
    private final SessionHub hub = new SessionHub(new PodDirectory(), 100);

    @AfterEach
    void close() {
        hub.close();
        loop.close();
    }

    private record Opened(ModelStream<ServerMessage> stream, StreamObserver<AgentMessage> session) {}

    private Opened open(Caller caller) {
        var stream = ModelStream.<ServerMessage>slow();
        var opened = new ArrayList<StreamObserver<AgentMessage>>();
        Context.current().withValue(Caller.KEY, caller).run(() -> opened.add(hub.open(loop, stream)));
        return new Opened(stream, opened.getFirst());
    }

    private static Caller agent(String node) {
        return new Caller.NodeAgent(new NodeName(node));
    }

    @Test
    void thousandsOfSessionsOfOneCallerLeaveRoomForOthers() {
        Opened other = open(agent("n2"));
        List<Opened> flood = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            flood.add(open(agent("n1")));
        }

        Opened late = open(agent("n3"));

        assertEquals(Optional.empty(), late.stream.ended());
        assertEquals(Optional.empty(), other.stream.ended());
        assertEquals(
                SessionHub.MOST_OF_ONE,
                flood.stream().filter(one -> one.stream.ended().isEmpty()).count());
        assertTrue(flood.stream()
                .limit(4_997)
                .allMatch(one -> one.stream.ended().equals(Optional.of(Status.Code.ABORTED))));
        assertEquals(Optional.empty(), flood.getLast().stream.ended(), "the newest counts: an agent always gets in");
    }

    @Test
    void aServiceHasNoMoreThanAnAgent() {
        for (int i = 0; i < 200; i++) {
            open(new Caller.Service("terway-policy"));
        }

        assertEquals(Optional.empty(), open(agent("n1")).stream.ended());
    }

    @Test
    void sessionsThatEndedDoNotCount() {
        Opened first = open(agent("n1"));
        for (int i = 0; i < 50; i++) {
            open(agent("n1")).session.onCompleted();
        }

        assertEquals(Optional.empty(), first.stream.ended());
    }

    @Test
    void moreThanTheReplicaServesAreRefused() {
        for (int i = 0; i < 100; i++) {
            assertEquals(Optional.empty(), open(agent("n" + i)).stream.ended());
        }

        assertEquals(
                Optional.of(Status.Code.RESOURCE_EXHAUSTED),
                open(agent("one-too-many")).stream.ended());
    }

    @Test
    void whoOnlyPingsIsEndedAndSoIsWhoSaysNothing() {
        var pings = new AgentSession(new SessionId("p"), loop, new Outbox(ModelStream.slow()), () -> {});
        var silent = new AgentSession(new SessionId("s"), loop, new Outbox(ModelStream.slow()), () -> {});
        long later =
                System.nanoTime() + AgentSession.INTRODUCTION.plusSeconds(1).toNanos();
        pings.onNext(
                AgentMessage.newBuilder().setPing(Ping.newBuilder().setId(1)).build());

        assertEquals(Optional.empty(), code(pings, System.nanoTime()));
        assertEquals(Optional.of(Status.Code.DEADLINE_EXCEEDED), code(pings, later));

        assertEquals(
                Optional.of(Status.Code.ABORTED),
                code(
                        silent,
                        System.nanoTime() + AgentSession.SILENCE.plusSeconds(1).toNanos()));
    }

    @Test
    void whoHasSentItsLedgerIsEndedForSilenceOnly() {
        var agent = new AgentSession(new SessionId("a"), loop, new Outbox(ModelStream.slow()), () -> {});
        agent.onNext(AgentMessage.newBuilder()
                .setHello(io.terway.wire.ipam.v1.Hello.newBuilder()
                        .setNodeName("n")
                        .setNodeUid("uid")
                        .setInstanceId("i-n")
                        .setLedgerId("ledger")
                        .setBootId("boot")
                        .setZone("z")
                        .setInstanceType("t"))
                .build());
        agent.onNext(AgentMessage.newBuilder()
                .setLedger(LedgerPart.newBuilder().setLast(true))
                .build());

        assertEquals(
                Optional.of(Status.Code.ABORTED),
                code(
                        agent,
                        System.nanoTime()
                                + AgentSession.INTRODUCTION.plusSeconds(1).toNanos()));
    }

    private static Optional<Status.Code> code(AgentSession session, long now) {
        return session.overdue(now).map(Status::getCode);
    }
}
