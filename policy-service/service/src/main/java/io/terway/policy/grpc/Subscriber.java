package io.terway.policy.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.terway.net.NodeName;
import io.terway.policy.compile.NodeDelta;
import io.terway.policy.compile.NodeView;
import io.terway.policy.compile.PolicyCompiler;
import io.terway.wire.policy.v1.PolicyUpdate;
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

    /** Sends what changed since the last call; nothing when nothing did. The first call sends everything. */
    void send(DeltaWire wire) {
        view.map(NodeView::take).filter(delta -> !delta.empty()).ifPresent(delta -> send(wire, delta));
    }

    private void send(DeltaWire wire, NodeDelta delta) {
        revision++;
        wire.messages(revision, delta).forEach(stream::onNext);
    }
}
