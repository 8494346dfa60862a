package io.terway.policy.grpc;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.terway.link.Address;
import io.terway.net.NodeName;
import io.terway.policy.PolicyCluster;
import io.terway.policy.compile.NodeDelta;
import io.terway.policy.compile.NodeView;
import io.terway.policy.compile.PolicyCompiler;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.SubscribeMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** policy-service without Kubernetes: its compiler and its messages, one cluster after the other, in step with agents. */
public final class CompiledStream extends io.terway.wire.policy.v1.PolicyGrpc.PolicyImplBase implements AutoCloseable {

    private static final long PATIENCE_MILLIS = 60_000;

    private final Server server;
    private final PolicyCompiler compiler = new PolicyCompiler(); // guarded by this, as all that follows
    private final Map<NodeName, Agent> agents = new HashMap<>();
    private PolicyCluster held = new PolicyCluster(Map.of(), List.of(), List.of(), List.of());
    private String refusal = "";

    private static final class Agent {
        final NodeView view;
        final StreamObserver<PolicyUpdate> stream;
        long sent;
        long acknowledged;

        Agent(NodeView view, StreamObserver<PolicyUpdate> stream) {
            this.view = view;
            this.stream = stream;
        }

        void send(NodeDelta delta) {
            if (!delta.empty()) {
                sent++;
                new DeltaWire().messages(sent, delta).forEach(stream::onNext);
            }
        }
    }

    public CompiledStream() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this)
                .build()
                .start();
    }

    public Address address() {
        return new Address("127.0.0.1", server.getPort());
    }

    /** Makes the cluster another one by differences; returns when every agent has it in its kernel. */
    public synchronized void become(PolicyCluster next) throws InterruptedException {
        held.policies().forEach(policy -> compiler.removePolicy(policy.id()));
        held.pods().forEach(pod -> compiler.removePod(pod.uid()));
        held.namespaces().keySet().forEach(compiler::removeNamespace);
        next.namespaces().forEach(compiler::putNamespace);
        next.nodes().forEach(compiler::putNode);
        next.pods().forEach(compiler::putPod);
        next.policies().forEach(compiler::putPolicy);
        held = next;
        for (NodeView view : compiler.changedViews()) {
            agents.get(view.node()).send(view.take());
        }
        awaitAgents(agents.size());
    }

    /** Waits until so many agents follow and have what they were sent. */
    public synchronized void awaitAgents(int count) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (agents.size() < count || agents.values().stream().anyMatch(agent -> agent.acknowledged < agent.sent)) {
            long left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0 || !refusal.isEmpty()) {
                throw new AssertionError("agents do not follow: " + agents.keySet() + " " + refusal);
            }
            wait(left);
        }
    }

    @Override
    public StreamObserver<SubscribeMessage> subscribe(StreamObserver<PolicyUpdate> out) {
        return new StreamObserver<>() {
            private Agent agent;

            @Override
            public void onNext(SubscribeMessage message) {
                synchronized (CompiledStream.this) {
                    if (message.hasSubscribe()) {
                        NodeName node = new NodeName(message.getSubscribe().getNodeName());
                        agent = new Agent(compiler.open(node), out);
                        agents.put(node, agent);
                        agent.send(agent.view.take());
                    } else {
                        agent.acknowledged = message.getAcknowledge().getRevision();
                        refusal += message.getAcknowledge().getError();
                    }
                    CompiledStream.this.notifyAll();
                }
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {
                out.onCompleted();
            }
        };
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
