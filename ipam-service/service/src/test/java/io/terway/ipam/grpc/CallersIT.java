package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The service asks the API server who calls. */
@QuarkusTest
@QuarkusTestResource(value = CallersIT.Reviewer.class, restrictToAnnotatedClass = true)
class CallersIT {

    @Test
    void agentThatAsksForItsOwnNodeGetsAnAnswer() throws Exception {
        Status status = allocate("n1", "token-of-n1");
        assertEquals(Status.Code.FAILED_PRECONDITION, status.getCode(), status.toString());
        assertTrue(status.getDescription().contains("no such session"), status.toString());
    }

    @Test
    void agentThatAsksForAnotherNodeIsDenied() throws Exception {
        Status status = allocate("n2", "token-of-n1");
        assertEquals(Status.Code.PERMISSION_DENIED, status.getCode());
        assertTrue(status.getDescription().contains("n2"), status.toString());
    }

    @Test
    void forgedTokenAndNoTokenAreUnauthenticated() throws Exception {
        assertEquals(Status.Code.UNAUTHENTICATED, allocate("n1", "forged").getCode());
        assertEquals(Status.Code.UNAUTHENTICATED, allocate("n1", "").getCode());
    }

    private static Status allocate(String node, String token) throws InterruptedException {
        Metadata headers = new Metadata();
        if (!token.isEmpty()) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        }
        ClientInterceptor identity = MetadataUtils.newAttachHeadersInterceptor(headers);
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", TestCluster.port())
                .usePlaintext()
                .intercept(identity)
                .build();
        try {
            ScriptedAgent agent = new ScriptedAgent(channel, node);
            agent.session = "none";
            return assertThrows(StatusRuntimeException.class, () -> agent.allocate("a"))
                    .getStatus();
        } finally {
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    /** An API server that does nothing but review tokens: "token-of-NODE" is the agent's on that node. */
    public static class Reviewer implements QuarkusTestResourceLifecycleManager {

        private HttpServer api;

        @Override
        public Map<String, String> start() {
            try {
                api = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 16);
                api.createContext("/apis/authentication.k8s.io/v1/tokenreviews", exchange -> {
                    String posted = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                    byte[] answer = review(posted).getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().add("Content-Type", "application/json");
                    exchange.sendResponseHeaders(201, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
                api.start();
                return Map.of(
                        "quarkus.kubernetes-client.api-server-url",
                        "http://127.0.0.1:" + api.getAddress().getPort(),
                        "terway.leader-election",
                        "false",
                        "terway.callers.verify",
                        "true",
                        "terway.eni-manager",
                        "127.0.0.1:1",
                        "terway.state-dir",
                        Files.createTempDirectory("ipam").toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String review(String posted) {
            String status =
                    posted.contains("token-of-n1") ? """
                      {"authenticated":true,"audiences":["terway"],"user":{
                       "username":"system:serviceaccount:kube-system:terway",
                       "extra":{"authentication.kubernetes.io/node-name":["n1"]}}}""" : "{\"authenticated\":false,\"error\":\"not one of ours\"}";
            return "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"status\":" + status + "}";
        }

        @Override
        public void stop() {
            api.stop(0);
        }
    }
}
