package io.terway.agent.show;

import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.terway.agent.NodeAgent;
import io.terway.wire.agent.v1.AgentGrpc.AgentImplBase;
import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.ShowRequest;

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
}
