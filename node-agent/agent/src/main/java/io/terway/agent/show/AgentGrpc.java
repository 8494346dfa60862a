package io.terway.agent.show;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.terway.agent.NodeAgent;
import io.terway.agent.denial.WatchFilter;
import io.terway.agent.policy.PolicyParts;
import io.terway.wire.agent.v1.AgentGrpc.AgentImplBase;
import io.terway.wire.agent.v1.DenialNews;
import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.ShowRequest;
import io.terway.wire.agent.v1.WatchDenialsRequest;
import java.util.Optional;

/** The agent's gRPC edge, on the node's loopback. */
@GrpcService
public class AgentGrpc extends AgentImplBase {

    private final NodeAgent agent;

    AgentGrpc(NodeAgent agent) {
        this.agent = agent;
    }

    @Override
    public void show(ShowRequest request, StreamObserver<Node> answer) {
        // Not by RunOnVirtualThread: a half-close may then overtake its message (quarkus issue 48940).
        Thread.startVirtualThread(() -> {
            answer.onNext(agent.show());
            answer.onCompleted();
        });
    }

    @Override
    public void watchDenials(WatchDenialsRequest request, StreamObserver<DenialNews> answer) {
        Optional<PolicyParts> policy = agent.policy();
        WatchFilter filter;
        try {
            filter = new WatchFilter(request.getNamespace(), request.getPod());
        } catch (IllegalArgumentException e) {
            refuse(answer, Status.INVALID_ARGUMENT, e.getMessage());
            return;
        }
        if (policy.isEmpty()) {
            refuse(answer, Status.UNAVAILABLE, "the agent is starting");
            return;
        }
        policy.get()
                .feed()
                .watch(filter)
                .ifPresentOrElse(
                        watcher -> new DenialStream(
                                        (ServerCallStreamObserver<DenialNews>) answer,
                                        watcher,
                                        policy.get().feed())
                                .start(policy.get().node(), policy.get().toldPerSecond()),
                        () -> refuse(answer, Status.RESOURCE_EXHAUSTED, "too many watch this node already"));
    }

    private static void refuse(StreamObserver<?> answer, Status status, String why) {
        answer.onError(status.withDescription(why).asRuntimeException());
    }
}
