package io.terway.link;

import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One gRPC service on a port of its own, served by grpc-java on Netty: a call stays on its connection's thread and an answer
 * leaves in one write. Netty takes epoll and BoringSSL where they are on the class path, else the JDK's own.
 */
public final class GrpcPort implements AutoCloseable {

    /** Of one message; a ledger comes in parts. */
    static final int LARGEST_MESSAGE = 4 << 20;

    /** Of all headers of a call, the longest token among them. */
    private static final int LARGEST_HEADERS = 32 << 10;

    /** Calls under way on one connection; further ones wait at the client. */
    static final int MOST_CALLS = 1_024;

    /** Bytes on their way to a handler that does not take them. */
    private static final int WINDOW = 256 << 10;

    /** Connections not yet accepted: all agents of a large cluster dial a new leader at once. */
    private static final int BACKLOG = 4_096;

    private static final int HANDSHAKE_SECONDS = 20;
    /** Clients ping every 10 s. */
    private static final int PING_AT_MOST_EVERY_SECONDS = 5;

    private static final int LOOK_AFTER_SILENCE_SECONDS = 60;
    private static final int END_SECONDS = 5;

    private final Server server;
    private final Optional<Tls.Mutual.Secured> secured;

    private GrpcPort(Server server, Optional<Tls.Mutual.Secured> secured) {
        this.server = server;
        this.secured = secured;
    }

    /**
     * Serves from now on.
     *
     * @param interceptors in the order in which a call passes them
     * @throws IllegalStateException when the address cannot be served
     */
    public static GrpcPort open(
            InetSocketAddress address, Tls tls, ServerServiceDefinition service, List<ServerInterceptor> interceptors) {
        Optional<Tls.Mutual.Secured> secured = switch (tls) {
            case Tls.Plaintext _ -> Optional.empty();
            case Tls.Mutual mutual -> Optional.of(mutual.serve());
        };
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .directExecutor()
                .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .maxInboundMetadataSize(LARGEST_HEADERS)
                .maxConcurrentCallsPerConnection(MOST_CALLS)
                .flowControlWindow(WINDOW)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(PING_AT_MOST_EVERY_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(LOOK_AFTER_SILENCE_SECONDS, TimeUnit.SECONDS)
                .addService(ServerInterceptors.interceptForward(service, interceptors));
        secured.ifPresent(held -> builder.sslContext(held.context()));
        try {
            return new GrpcPort(builder.build().start(), secured);
        } catch (IOException e) {
            secured.ifPresent(Tls.Mutual.Secured::close);
            throw new IllegalStateException(
                    "gRPC cannot be served on " + address + " (" + e.getMessage()
                            + "); see who else listens there and whether the address is this host's",
                    e);
        }
    }

    /** The port, also where any was asked for. */
    public int number() {
        return server.getPort();
    }

    /** Ends all connections. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        secured.ifPresent(Tls.Mutual.Secured::close);
    }
}
