package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.Shard;
import io.terway.ipam.leader.Terms;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose pods may keep an address, and what is asked of the API server to find out. */
class PodWatchTest {

    private static final Optional<Map<String, String>> FIXED = Optional.of(Map.of(FixedWish.ANNOTATION, "true"));
    private static final Optional<Map<String, String>> ORDINARY = Optional.of(Map.of());

    private final List<Pod> pods = new CopyOnWriteArrayList<>();
    private final List<StatefulSet> sets = new CopyOnWriteArrayList<>();
    private final List<String> looks = new CopyOnWriteArrayList<>();
    private final CountDownLatch setsMayBeListed = new CountDownLatch(1);
    private final Terms terms = new Terms((_, _) -> {});
    private final PodDirectory directory = new PodDirectory();
    private volatile int listsAsked;
    private HttpServer api;
    private KubernetesClient client;
    private StatefulSetWatch statefulSets;
    private PodWatch watch;

    @BeforeEach
    void start() throws IOException {
        api = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 16);
        api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        api.createContext("/api/v1/pods", exchange -> list(exchange, "v1", "PodList", pods));
        api.createContext("/apis/apps/v1/statefulsets", exchange -> {
            listsAsked++;
            await(setsMayBeListed);
            list(exchange, "apps/v1", "StatefulSetList", sets);
        });
        api.createContext("/apis/apps/v1/namespaces/db/statefulsets/", exchange -> {
            looks.add(exchange.getRequestURI().getPath().replaceAll(".*/", ""));
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        api.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + api.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        statefulSets = new StatefulSetWatch(client);
        watch = new PodWatch(
                client,
                directory,
                new ExpectedPods(terms),
                new EventWriter(client, "kube-system"),
                statefulSets,
                new ShardNodes(Shard.WHOLE),
                new PodsElsewhere(terms));
    }

    @AfterEach
    void stop() {
        setsMayBeListed.countDown();
        watch.close();
        statefulSets.close();
        client.close();
        api.stop(0);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void list(HttpExchange exchange, String version, String kind, List<? extends HasMetadata> items)
            throws IOException {
        if (String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=true")) {
            exchange.sendResponseHeaders(200, 0); // nothing happens
            exchange.getResponseBody().flush();
            return;
        }
        byte[] body = Serialization.asJson(Map.of(
                        "apiVersion",
                        version,
                        "kind",
                        kind,
                        "metadata",
                        Map.of("resourceVersion", "1"),
                        "items",
                        new ArrayList<>(items)))
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static Pod pod(String name, String kind, String owner, Map<String, String> annotations) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("db")
                .withName(name)
                .withUid("uid-" + name)
                .withResourceVersion("1")
                .withAnnotations(annotations)
                .addNewOwnerReference()
                .withApiVersion("apps/v1")
                .withKind(kind)
                .withName(owner)
                .withUid("uid-" + owner)
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withNodeName("n1")
                .endSpec()
                .build();
    }

    private void run() {
        setsMayBeListed.countDown();
        statefulSets.start(() -> {});
        watch.start(() -> {});
        eventually(watch::synced);
    }

    private void shows(String pod, Optional<Map<String, String>> annotations) {
        eventually(() -> directory.annotations("uid-" + pod).equals(annotations));
    }

    @Test
    void podsThatAreListedAfterTheirStatefulSetsCostNoLook() {
        sets.add(new StatefulSetBuilder()
                .withNewMetadata()
                .withNamespace("db")
                .withName("redis")
                .withUid("uid-redis")
                .withResourceVersion("1")
                .addToAnnotations(FixedWish.ANNOTATION, "true")
                .endMetadata()
                .build());
        for (int i = 0; i < 100; i++) {
            pods.add(pod("redis-" + i, "StatefulSet", "redis", Map.of()));
        }
        Thread release = Thread.startVirtualThread(() -> {
            eventually(() -> listsAsked > 0);
            setsMayBeListed.countDown();
        });
        statefulSets.start(() -> {}); // waits for the list
        watch.start(() -> {});

        shows("redis-99", FIXED);

        assertEquals(List.of(), looks);
        eventually(() -> !release.isAlive());
    }

    @Test
    void aStatefulSetThatIsNotThereIsLookedForOnce() {
        for (int i = 0; i < 100; i++) {
            pods.add(pod("orphan-" + i, "StatefulSet", "orphan", Map.of()));
        }

        run();

        shows("orphan-99", ORDINARY);
        assertEquals(List.of("orphan"), looks);
    }

    @Test
    void aKindThatIsNotStatefulGetsAnOrdinaryAddressUntilTheConfigurationNamesIt() {
        pods.add(pod("clone-a", "CloneSet", "clone", Map.of(FixedWish.ANNOTATION, "true")));
        pods.add(pod("web-1", "ReplicaSet", "web", Map.of(FixedWish.ANNOTATION, "true")));
        run();
        shows("clone-a", ORDINARY);

        watch.statefulKinds(Set.of("CloneSet", "AdvancedStatefulSet"));

        shows("clone-a", FIXED);
        shows("web-1", ORDINARY);
        watch.statefulKinds(Set.of());
        shows("clone-a", ORDINARY);
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not become true in 30 s");
            Thread.onSpinWait();
        }
    }
}
