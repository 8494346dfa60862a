package io.terway.ctl;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.terway.wire.agent.v1.AgentGrpc;
import io.terway.wire.agent.v1.DenialNews;
import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.ShowRequest;
import io.terway.wire.agent.v1.WatchDenialsRequest;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** Where the agent is, and the calls to it. */
public final class AgentClient {

    private static final int DEADLINE_SECONDS = 5;

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7604",
            description = "The node agent (default: ${DEFAULT-VALUE}).")
    private String address;

    public AgentClient() {}

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

    /**
     * What is denied on the node, as it happens; blocks until {@code stop} completes.
     *
     * @param news gets each message
     * @throws AgentFailure when the agent refuses, or goes
     */
    public void watchDenials(WatchDenialsRequest request, CompletionStage<?> stop, Consumer<DenialNews> news) {
        ManagedChannel channel = channel();
        AtomicBoolean stopped = new AtomicBoolean();
        stop.thenRun(() -> {
            stopped.set(true);
            channel.shutdownNow();
        });
        try {
            AgentGrpc.newBlockingStub(channel).watchDenials(request).forEachRemaining(news);
            throw failure(Status.UNAVAILABLE);
        } catch (StatusRuntimeException e) {
            if (!stopped.get()) {
                throw failure(e.getStatus());
            }
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
            case UNIMPLEMENTED ->
                new AgentFailure(AgentFailure.REFUSED, "the node agent at " + address + " is too old for this command");
            default ->
                new AgentFailure(
                        AgentFailure.REFUSED,
                        "the node agent at " + address + " refused: "
                                + (status.getDescription() == null ? status.getCode() : status.getDescription()));
        };
    }
}
