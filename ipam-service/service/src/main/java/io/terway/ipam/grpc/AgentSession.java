package io.terway.ipam.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.Ledger;
import io.terway.ipam.SessionId;
import io.terway.ipam.Word;
import io.terway.ipam.leader.LoopThread;
import io.terway.link.Caller;
import io.terway.net.NodeName;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.WithdrawAck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One agent's conversation in one term: checks the order of its messages and hands them to the loop. */
final class AgentSession implements StreamObserver<AgentMessage> {

    /** An agent sends a ping every 10 s. */
    static final Duration SILENCE = Duration.ofSeconds(35);

    /** For hello and all parts of the ledger; an agent sends them at once, or soon when it makes its ledger anew. */
    static final Duration INTRODUCTION = Duration.ofSeconds(60);

    private final SessionId id;
    private final LoopThread loop;
    private final Outbox outbox;
    private final Runnable onGone;
    private final Caller caller;

    private final List<LedgerPart> parts = new ArrayList<>();
    private int entries;
    private boolean complete;
    private volatile Optional<NodeName> node = Optional.empty();
    private volatile long heardAt = System.nanoTime();
    private final long openedAt = System.nanoTime();
    private volatile boolean introduced;

    /** Made on the thread of the call that opens it, where its caller is known. */
    AgentSession(SessionId id, LoopThread loop, Outbox outbox, Runnable onGone) {
        caller = Caller.current();
        this.id = id;
        this.loop = loop;
        this.outbox = outbox;
        this.onGone = onGone;
    }

    SessionId id() {
        return id;
    }

    Optional<NodeName> node() {
        return node;
    }

    Caller caller() {
        return caller;
    }

    /** Why it is time to end it: whoever only opens sessions, or only pings, must not take the place of an agent. */
    Optional<Status> overdue(long now) {
        Duration silent = Duration.ofNanos(now - heardAt);
        Duration open = Duration.ofNanos(now - openedAt);
        if (!introduced && open.compareTo(INTRODUCTION) > 0) {
            return Optional.of(Status.DEADLINE_EXCEEDED.withDescription(
                    "neither hello nor the whole ledger came in " + INTRODUCTION.toSeconds() + " s"));
        }
        return silent.compareTo(SILENCE) > 0
                ? Optional.of(Status.ABORTED.withDescription("silent for " + silent.toSeconds() + " s"))
                : Optional.empty();
    }

    Outbox outbox() {
        return outbox;
    }

    void say(Word word) {
        outbox.send(CoreWire.message(loop.term(), id, word));
    }

    void send(ServerMessage.Builder message) {
        outbox.send(message.setTerm(loop.term()).build());
    }

    @Override
    public void onNext(AgentMessage message) {
        heardAt = System.nanoTime();
        try {
            switch (message.getMessageCase()) {
                case HELLO -> hello(message);
                case LEDGER -> ledger(message.getLedger());
                case WITHDRAW_ACK -> acknowledged(message.getWithdrawAck());
                case PING -> send(ServerMessage.newBuilder().setPong(message.getPing()));
                case MESSAGE_NOT_SET -> throw new IllegalArgumentException("message: nothing is set");
            }
        } catch (IllegalArgumentException e) {
            end(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
    }

    private void hello(AgentMessage message) {
        if (node.isPresent()) {
            throw new IllegalArgumentException("hello: sent twice in one session");
        }
        var hello = IpamWire.hello(message.getHello());
        if (!caller.speaksFor(hello.identity().node())) {
            end(denied(caller, hello.identity().node()));
            return;
        }
        node = Optional.of(hello.identity().node());
        tell(new IpamEvent.SessionOpened(id, hello));
    }

    /** Why a caller may not speak for this node. */
    static Status denied(Caller caller, NodeName node) {
        return Status.PERMISSION_DENIED.withDescription(
                "node_name is '" + node + "', but the caller is " + caller + ": an agent asks for its own node only");
    }

    private void ledger(LedgerPart part) {
        if (node.isEmpty() || complete) {
            throw new IllegalArgumentException("ledger: parts come after hello and end with last = true");
        }
        entries += IpamWire.entries(part);
        if (entries > Ledger.MAX_ENTRIES) {
            throw new IllegalArgumentException("ledger: more than " + Ledger.MAX_ENTRIES + " entries");
        }
        parts.add(part);
        if (part.getLast()) {
            complete = true;
            introduced = true;
            Ledger ledger = IpamWire.ledger(parts);
            parts.clear();
            tell(new IpamEvent.LedgerReceived(id, ledger));
        }
    }

    private void acknowledged(WithdrawAck ack) {
        if (!complete) {
            throw new IllegalArgumentException("withdraw_ack: before the ledger was sent");
        }
        IpamWire.few("withdraw_ack.withdrawn", ack.getWithdrawnList(), Ledger.MAX_ENTRIES);
        IpamWire.few("withdraw_ack.kept", ack.getKeptList(), Ledger.MAX_ENTRIES);
        tell(new IpamEvent.WithdrawAcked(
                id,
                IpamWire.number("withdraw_ack.number", ack.getNumber(), IpamWire.MOST),
                IpamWire.ips("withdraw_ack.withdrawn", ack.getWithdrawnList()),
                IpamWire.ips("withdraw_ack.kept", ack.getKeptList())));
    }

    private void tell(IpamEvent event) {
        if (!loop.offer(event)) {
            end(Status.RESOURCE_EXHAUSTED.withDescription("overloaded; come back in a second"));
        }
    }

    /** Ends the stream and tells the loop. */
    void end(Status status) {
        outbox.end(status);
        gone();
    }

    @Override
    public void onError(Throwable failure) {
        gone();
    }

    @Override
    public void onCompleted() {
        outbox.complete();
        gone();
    }

    private void gone() {
        onGone.run();
        if (node.isPresent()) {
            var closed = new IpamEvent.SessionClosed(id);
            if (!loop.offer(closed)) {
                // Never lost, and never waited for here: this may be the loop's own thread or an event loop.
                Thread.ofVirtual().name("session-closed").start(() -> loop.put(closed));
            }
        }
    }
}
