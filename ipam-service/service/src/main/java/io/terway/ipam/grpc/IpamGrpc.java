package io.terway.ipam.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.NodeView;
import io.terway.ipam.ReportOutcome;
import io.terway.ipam.SessionId;
import io.terway.ipam.leader.LoopThread;
import io.terway.link.Caller;
import io.terway.net.NodeName;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.ReportRequest;
import io.terway.wire.ipam.v1.ReportResponse;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.ViewRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** The Ipam contract. Unary calls are answered from the loop's thread; nothing here blocks but {@link #view}. */
final class IpamGrpc implements io.terway.wire.ipam.v1.IpamGrpc.AsyncService {

    private static final int MOST_EVENTS = 1_000;
    private static final Status OVERLOADED =
            Status.RESOURCE_EXHAUSTED.withDescription("overloaded; come back in a second");
    /** Before the Nodes and the configuration are known a cloned ledger cannot be told from the node's own. */
    private static final Status NOT_SYNCED =
            Status.UNAVAILABLE.withDescription("not synced yet; come back in a second");

    private static final Duration READER_PATIENCE = Duration.ofSeconds(10);

    private final IpamProcess process;

    IpamGrpc(IpamProcess process) {
        this.process = process;
    }

    @Override
    public StreamObserver<AgentMessage> session(StreamObserver<ServerMessage> out) {
        Optional<LoopThread> loop = process.terms().serving();
        if (loop.isEmpty()) {
            out.onError(SessionHub.NOT_LEADER.asRuntimeException());
            return new Ignored();
        }
        if (!process.synced()) {
            out.onError(NOT_SYNCED.asRuntimeException());
            return new Ignored();
        }
        return process.sessions().open(loop.get(), (ServerCallStreamObserver<ServerMessage>) out);
    }

    @Override
    public void allocate(AllocateRequest request, StreamObserver<AllocateResponse> out) {
        Optional<LoopThread> loop = process.terms().current();
        if (loop.isEmpty()) {
            fail(out, SessionHub.NOT_LEADER);
            return;
        }
        long term = loop.get().term();
        long ticket =
                process.tickets().openAllocate(outcome -> answer(out, term, outcome), status -> fail(out, status));
        try {
            var annotations = process.pods().annotations(request.getPod().getUid()); // our own, newer sight wins
            IpamEvent.Allocate event =
                    IpamWire.allocate(request, ticket, loop.get().now(), annotations, process.sessions()::known);
            if (mayBe(event.node(), ticket)) {
                offer(loop.get(), event, ticket);
            }
        } catch (IllegalArgumentException e) {
            process.tickets().fail(ticket, Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
    }

    @Override
    public void report(ReportRequest request, StreamObserver<ReportResponse> out) {
        Optional<LoopThread> loop = process.terms().current();
        if (loop.isEmpty()) {
            fail(out, SessionHub.NOT_LEADER);
            return;
        }
        long term = loop.get().term();
        long ticket = process.tickets().openReport(outcome -> answer(out, term, outcome), status -> fail(out, status));
        try {
            if (request.getEventsCount() > MOST_EVENTS) {
                throw new IllegalArgumentException(
                        "events: " + request.getEventsCount() + " entries; at most " + MOST_EVENTS);
            }
            SessionId session =
                    process.sessions().known(IpamWire.field("session_id", request.getSessionId(), SessionId::new));
            var events = request.getEventsList().stream().map(IpamWire::event).toList();
            Optional<NodeName> node = process.sessions().nodeOf(session);
            if (node.isEmpty()) {
                // Whose session it was cannot be told, so neither can whether this caller may speak for it.
                process.tickets()
                        .fail(
                                ticket,
                                Status.FAILED_PRECONDITION.withDescription(
                                        "no such session: " + session + "; open one first"));
            } else if (mayBe(node.get(), ticket)) {
                offer(loop.get(), new IpamEvent.Report(ticket, session, events), ticket);
            }
        } catch (IllegalArgumentException e) {
            process.tickets().fail(ticket, Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
    }

    @Override
    public void view(ViewRequest request, StreamObserver<io.terway.wire.ipam.v1.NodeView> out) {
        Caller caller = Caller.current();
        if (caller instanceof Caller.NodeAgent agent && !agent.node().value().equals(request.getNodeName())) {
            fail(
                    out,
                    Status.PERMISSION_DENIED.withDescription("an agent sees its own node only: node_name is '"
                            + request.getNodeName() + "', the caller is " + caller));
            return;
        }
        // Not by RunOnVirtualThread: a half-close may then overtake its message (quarkus issue 48940).
        Thread.startVirtualThread(() -> show(request, out));
    }

    private void show(ViewRequest request, StreamObserver<io.terway.wire.ipam.v1.NodeView> out) {
        Optional<LoopThread> loop = process.terms().current();
        if (loop.isEmpty()) {
            fail(out, SessionHub.NOT_LEADER);
            return;
        }
        try {
            List<NodeName> names = request.getNodeName().isEmpty()
                    ? loop.get().ask(IpamLoop::nodes).get(10, TimeUnit.SECONDS)
                    : List.of(IpamWire.field("node_name", request.getNodeName(), NodeName::new));
            for (NodeName name : names) {
                Optional<NodeView> view =
                        loop.get().ask(core -> core.view(name)).get(10, TimeUnit.SECONDS);
                if (view.isPresent()) {
                    await((ServerCallStreamObserver<?>) out);
                    out.onNext(CoreWire.view(view.get()));
                }
            }
            out.onCompleted();
        } catch (IllegalArgumentException e) {
            fail(out, Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        } catch (ExecutionException | TimeoutException e) {
            fail(out, OVERLOADED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(out, Status.UNAVAILABLE.withDescription("shutting down"));
        }
    }

    /** False after refusing a caller that is not this node's agent. */
    private boolean mayBe(NodeName node, long ticket) {
        Caller caller = Caller.current();
        boolean may = caller.speaksFor(node);
        if (!may) {
            process.tickets().fail(ticket, AgentSession.denied(caller, node));
        }
        return may;
    }

    /** One node at a time, as fast as the reader reads. */
    private static void await(ServerCallStreamObserver<?> out) throws TimeoutException {
        long deadline = System.nanoTime() + READER_PATIENCE.toNanos();
        while (!out.isReady()) {
            if (System.nanoTime() > deadline || out.isCancelled()) {
                throw new TimeoutException("the reader does not read");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void offer(LoopThread loop, IpamEvent event, long ticket) {
        if (!loop.offer(event)) {
            process.tickets().fail(ticket, OVERLOADED);
        }
    }

    private static void answer(StreamObserver<AllocateResponse> out, long term, AllocateOutcome outcome) {
        switch (outcome) {
            case AllocateOutcome.NoSession none ->
                fail(out, Status.FAILED_PRECONDITION.withDescription(none.message()));
            case AllocateOutcome.WrongNode wrong ->
                fail(out, Status.PERMISSION_DENIED.withDescription(wrong.message()));
            case AllocateOutcome.Proposed _, AllocateOutcome.Pending _, AllocateOutcome.Refused _ -> {
                out.onNext(CoreWire.response(term, outcome));
                out.onCompleted();
            }
        }
    }

    private static void answer(StreamObserver<ReportResponse> out, long term, ReportOutcome outcome) {
        switch (outcome) {
            case ReportOutcome.Forged forged -> fail(out, Status.OUT_OF_RANGE.withDescription(forged.message()));
            case ReportOutcome.NoSession none -> fail(out, Status.FAILED_PRECONDITION.withDescription(none.message()));
            case ReportOutcome.Acknowledged acknowledged -> {
                out.onNext(ReportResponse.newBuilder()
                        .setTerm(term)
                        .setAcknowledgedSequence(acknowledged.sequence())
                        .build());
                out.onCompleted();
            }
        }
    }

    private static void fail(StreamObserver<?> out, Status status) {
        out.onError(status.asRuntimeException());
    }

    /** What still arrives on a refused stream. */
    private static final class Ignored implements StreamObserver<AgentMessage> {

        @Override
        public void onNext(AgentMessage message) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
