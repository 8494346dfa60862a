package io.terway.agent.show;

import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.RunOnVirtualThread;
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
    @RunOnVirtualThread
    public void show(ShowRequest request, StreamObserver<Node> answer) {
        answer.onNext(agent.show());
        answer.onCompleted();
    }
}
