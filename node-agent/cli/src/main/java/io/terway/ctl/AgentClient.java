package io.terway.ctl;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.terway.wire.agent.v1.AgentGrpc;
import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.ShowRequest;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** Where the agent is, and the calls to it. */
final class AgentClient {

    private static final int DEADLINE_SECONDS = 5;

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7604",
            description = "The node agent (default: ${DEFAULT-VALUE}).")
    private String address;

    AgentClient() {}

    /** The node as its agent shows it. */
    Node show() {
        ManagedChannel channel = channel();
        try {
            return AgentGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .show(ShowRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw failure(e.getStatus());
        } finally {
            channel.shutdownNow();
        }
    }

    private ManagedChannel channel() {
        if (!address.matches("\\S+:[0-9]{1,5}")) {
            throw new AgentFailure(AgentFailure.REFUSED, "--address is '" + address + "'; it must be HOST:PORT");
        }
        return NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext().build();
    }

    private AgentFailure failure(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED ->
                new AgentFailure(
                        AgentFailure.UNREACHABLE,
                        "no node agent answers at " + address
                                + "; run this on the node or in its terway pod, and look whether that pod runs");
            default -> new AgentFailure(AgentFailure.REFUSED, "the node agent at " + address + " refused: " + status);
        };
    }
}
