package io.terway.ipam.grpc;

import static io.restassured.RestAssured.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The service leads, but the API server has not answered yet. */
@QuarkusTest
@QuarkusTestResource(value = NotSyncedIT.NoApiServer.class, restrictToAnnotatedClass = true)
class NotSyncedIT {

    @Test
    void noSessionIsOpenedBeforeTheNodesAndTheConfigurationAreKnown() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", TestCluster.port())
                .usePlaintext()
                .build();
        try {
            ScriptedAgent agent = new ScriptedAgent(channel, "n1");

            agent.connect();

            Status refused = agent.ended.poll(20, TimeUnit.SECONDS);
            assertEquals(Status.Code.UNAVAILABLE, refused.getCode());
            assertEquals("not synced yet; come back in a second", refused.getDescription());
            int management = ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
            assertEquals(
                    503, get("http://localhost:" + management + "/health/ready").statusCode());
        } finally {
            channel.shutdownNow();
        }
    }

    /** Addresses at which nobody listens. */
    public static class NoApiServer implements QuarkusTestResourceLifecycleManager {

        @Override
        public Map<String, String> start() {
            try {
                return Map.of(
                        "quarkus.kubernetes-client.api-server-url",
                        "http://127.0.0.1:1",
                        "quarkus.kubernetes-client.namespace",
                        "kube-system",
                        "terway.leader-election",
                        "false",
                        "terway.eni-manager",
                        "127.0.0.1:1",
                        "terway.state-dir",
                        Files.createTempDirectory("ipam").toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {}
    }
}
