package io.terway.agent;

import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.specification.RequestSpecification;
import io.terway.agent.config.AgentConfig;
import io.terway.wire.agent.v1.AgentGrpc;
import io.terway.wire.agent.v1.WatchDenialsRequest;
import jakarta.inject.Inject;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The running agent's edges, with nobody else there. */
@EnabledIf(
        value = "io.terway.linux.netns.Lab#permitted",
        disabledReason = "privilege: needs root or CAP_SYS_ADMIN to make network namespaces")
@QuarkusTest
@QuarkusTestResource(value = AgentIT.OwnTable.class, restrictToAnnotatedClass = true)
@TestProfile(AgentIT.Alone.class)
class AgentIT {

    /** Its own directories; no one to ask. */
    public static final class Alone implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path directory = Files.createTempDirectory("terway-agent-");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
                return Map.of(
                        "terway.node-name", "node-1",
                        "terway.state-dir", directory.resolve("state").toString(),
                        "terway.run-dir", directory.resolve("run").toString(),
                        "terway.metadata", "http://127.0.0.1:1",
                        "quarkus.kubernetes-client.api-server-url", "http://127.0.0.1:1");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The agent runs in this machine's own network namespace; its table goes when the agent is gone. */
    public static final class OwnTable implements QuarkusTestResourceLifecycleManager {

        private boolean before;

        @Override
        public Map<String, String> start() {
            before = nft("list") == 0;
            return Map.of();
        }

        @Override
        public void stop() {
            if (!before) {
                nft("delete");
            }
        }

        private static int nft(String verb) {
            try {
                return new ProcessBuilder("nft", verb, "table", "inet", "terway")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private final AgentConfig config;

    @Inject
    AgentIT(AgentConfig config) {
        this.config = config;
    }

    private static RequestSpecification management() {
        int port = ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
        return RestAssured.given().baseUri("http://127.0.0.1:" + port);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "terway_ip_pool_total",
                "terway_ip_pool_allocated",
                "terway_ip_pool_available",
                "terway_ip_pool_utilization",
                "terway_ip_pool_capacity",
                "terway_eni_total",
                "terway_eni_attached",
                "terway_eni_ip_count",
                "terway_pod_bindable_count",
                "terway_pod_bindable_ips",
            })
    void scrapeHasTheGuidesGaugesUnderTheirNames(String name) {
        management()
                .header("Accept", "text/plain; version=0.0.4; charset=utf-8")
                .get("/metrics")
                .then()
                .statusCode(200)
                .body(containsString("# TYPE " + name + " gauge\n"))
                .body(containsString("\n" + name + "{node=\"node-1\",} 0.0\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0", "2.0", "5.0", "10.0", "20.0", "40.0", "100.0", "500.0", "1000.0", "3000.0", "5000.0", "10000.0"
            })
    void latencyHasTheBucketsInMilliseconds(String bound) {
        management()
                .header("Accept", "text/plain; version=0.0.4; charset=utf-8")
                .get("/metrics")
                .then()
                .body(containsString("# TYPE terway_cni_operation_latency histogram\n"))
                .body(containsString("terway_cni_operation_latency_bucket{node=\"node-1\",operation=\"ADD\",le=\""
                        + bound + "\",} 0.0\n"));
    }

    @Test
    void allocationsAreACounter() {
        management()
                .header("Accept", "text/plain; version=0.0.4; charset=utf-8")
                .get("/metrics")
                .then()
                .body(containsString("# TYPE terway_ip_allocations_total counter\n"));
    }

    @Test
    void isAliveAndStartedButNotReadyWithoutConfiguration() {
        management().get("/health/live").then().statusCode(200);
        management().get("/health/started").then().statusCode(200);
        management()
                .get("/health/ready")
                .then()
                .statusCode(503)
                .body(containsString("ipam-service has not configured this node yet"));
    }

    @Test
    void listensWithMode0600() throws IOException {
        Path socket = config.runDir().resolve("cni.sock");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    }

    @Test
    void whoWatchesIsAnsweredAtOnceAndOneTooManyIsRefused() {
        int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        try {
            var agent = AgentGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
            for (int i = 0; i < 16; i++) {
                assertEquals(
                        "node-1",
                        agent.watchDenials(WatchDenialsRequest.getDefaultInstance())
                                .next()
                                .getNode());
            }
            var tooMany = agent.watchDenials(WatchDenialsRequest.getDefaultInstance());
            var refused = assertThrows(StatusRuntimeException.class, tooMany::next);
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());

            var unclear = agent.watchDenials(
                    WatchDenialsRequest.newBuilder().setPod("web").build());
            refused = assertThrows(StatusRuntimeException.class, unclear::next);
            assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
        } finally {
            channel.shutdownNow();
        }
    }
}
