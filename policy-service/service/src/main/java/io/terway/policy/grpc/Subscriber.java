package io.terway.policy.grpc;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.terway.net.NodeName;
import io.terway.policy.compile.NodeDelta;
import io.terway.policy.compile.NodeView;
import io.terway.policy.compile.PolicyCompiler;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.util.List;
import java.util.Optional;

/**
 * One agent's stream. Differences wait in its view while the stream is not ready or too much of it is not acknowledged:
 * a slow reader gets fewer, larger updates, and holds no queue. Owned by the compile thread, except {@link
 * #acknowledged}.
 */
final class Subscriber {

    /** Revisions an agent may be behind before it has to catch up. */
    static final long UNACKNOWLEDGED_LIMIT = 8;

    private final NodeName node;
    private final ServerCallStreamObserver<PolicyUpdate> stream;
    private Optional<NodeView> view = Optional.empty();
    private long revision;
    private volatile long acknowledgedRevision;

    Subscriber(NodeName node, ServerCallStreamObserver<PolicyUpdate> stream) {
        this.node = node;
        this.stream = stream;
    }

    NodeName node() {
        return node;
    }

    boolean gone() {
        return stream.isCancelled();
    }

    boolean ready() {
        return stream.isReady() && behind() < UNACKNOWLEDGED_LIMIT;
    }

    void acknowledged(long upTo) {
        acknowledgedRevision = Math.max(acknowledgedRevision, upTo);
    }

    /** Revisions sent and not acknowledged yet. */
    long behind() {
        return revision - acknowledgedRevision;
    }

    boolean following() {
        return view.isPresent();
    }

    /** Starts to follow its node. */
    NodeView open(PolicyCompiler compiler) {
        view = Optional.of(compiler.open(node));
        return view.get();
    }

    void close(PolicyCompiler compiler) {
        view.ifPresent(compiler::close);
        view = Optional.empty();
    }

    /**
     * Sends what changed since the last call; nothing when nothing did. The first call sends everything.
     *
     * @return false when the stream has ended
     */
    boolean send(DeltaWire wire) {
        return view.map(NodeView::take)
                .filter(delta -> !delta.empty())
                .map(delta -> send(wire, delta))
                .orElse(true);
    }

    private boolean send(DeltaWire wire, NodeDelta delta) {
        revision++;
        List<PolicyUpdate> messages = wire.messages(revision, delta);
        try {
            messages.forEach(stream::onNext);
            return true;
        } catch (StatusRuntimeException | IllegalStateException e) {
            return false; // the agent hung up on another thread: cancelled, or closed
        }
    }
}
