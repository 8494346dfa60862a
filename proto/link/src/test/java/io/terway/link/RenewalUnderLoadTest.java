package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever keeps the threads of the service's own client busy, the Lease is renewed. */
class RenewalUnderLoadTest {

    private final Vertx shared = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final CountDownLatch over = new CountDownLatch(1);
    private final BlockingQueue<String> written = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private HttpServer api;
    private KubernetesClient client;
    private Lease lease; // guarded by this
    private int version; // guarded by this

    @BeforeEach
    void serve() throws IOException {
        api = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 8);
        api.createContext("/apis/coordination.k8s.io/v1/namespaces/ns/leases", this::answer);
        api.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + api.getAddress().getPort())
                        .build())
                .withHttpClientFactory(new VertxHttpClientFactory(shared))
                .build();
    }

    @AfterEach
    void stop() {
        over.countDown();
        client.close();
        shared.close().toCompletionStage().toCompletableFuture().join();
        api.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (!body.isEmpty()) {
            lease = Serialization.unmarshal(body, Lease.class);
            lease.getMetadata().setResourceVersion(Integer.toString(++version));
            written.add(exchange.getRequestMethod());
        }
        byte[] answer =
                lease == null ? new byte[0] : Serialization.asJson(lease).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(lease == null ? 404 : 200, answer.length == 0 ? -1 : answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    @Test
    void aLeaseIsTakenAndRenewedWhileEveryEventLoopOfTheServiceIsBusy() throws InterruptedException {
        var busy = new CountDownLatch(1);
        shared.runOnContext(_ -> {
            busy.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertTrue(busy.await(20, TimeUnit.SECONDS));
        var settings = new Leadership.Settings("ns", "lease", "h:1", Duration.ofSeconds(15), Duration.ofMillis(100));
        var listener = new Leadership.Listener() {
            @Override
            public void elected(long term) {
                told.add("elected " + term);
            }

            @Override
            public void lost(long term) {
                told.add("lost " + term);
            }
        };

        try (Leadership leadership = Leadership.start(client, settings, listener)) {
            assertEquals("elected 1", told.poll(30, TimeUnit.SECONDS));
            assertEquals("POST", written.poll(30, TimeUnit.SECONDS));
            for (int renewal = 0; renewal < 3; renewal++) {
                assertEquals("PUT", written.poll(30, TimeUnit.SECONDS));
            }
            assertTrue(leadership.isLeader());
        }
    }
}
