package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrpcPortTest {

    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    @TempDir
    Path dir;

    private static String ask(NettyChannelBuilder to) {
        ManagedChannel channel = to.build();
        try {
            return ClientCalls.blockingUnaryCall(
                    channel, Who.AM, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), "hello");
        } finally {
            channel.shutdownNow();
        }
    }

    private static NettyChannelBuilder to(GrpcPort port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port.number()).overrideAuthority(SelfSigned.NAME);
    }

    @Test
    void aClientWithACertificateOfTheAuthorityIsServed() throws Exception {
        Tls.Mutual tls = SelfSigned.in(dir);
        try (GrpcPort port = GrpcPort.open(ANY, tls, Who.echo(), List.of());
                Tls.Mutual.Secured client = tls.open()) {
            assertEquals("hello Unverified[]", ask(to(port).sslContext(client.context())));
        }
    }

    @Test
    void aClientWithoutACertificateIsNot() throws Exception {
        Tls.Mutual tls = SelfSigned.in(dir);
        try (GrpcPort port = GrpcPort.open(ANY, tls, Who.echo(), List.of())) {
            var stranger = GrpcSslContexts.forClient()
                    .trustManager(tls.authority().toFile())
                    .build();

            var refused = assertThrows(StatusRuntimeException.class, () -> ask(to(port).sslContext(stranger)));

            assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
            assertThrows(StatusRuntimeException.class, () -> ask(to(port).usePlaintext()));
        }
    }

    @Test
    void anAddressThatIsTakenIsSaidWithWhatToDo() {
        try (GrpcPort port = GrpcPort.open(ANY, new Tls.Plaintext(), Who.echo(), List.of())) {
            var taken = new InetSocketAddress("127.0.0.1", port.number());

            var refused = assertThrows(
                    IllegalStateException.class,
                    () -> GrpcPort.open(taken, new Tls.Plaintext(), Who.echo(), List.of()));

            assertTrue(refused.getMessage().contains("who else listens there"), refused.getMessage());
        }
    }
}
