package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.Hello;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.Ledger;
import io.terway.ipam.NodeIdentity;
import io.terway.ipam.NodeView;
import io.terway.ipam.SessionId;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A leader that begins with what former ones wrote down, from an API server that gives its lists in pages. */
class NodeInfoWatchTest {

    private static final int NODES = 1_201;

    private final List<String> lists = new CopyOnWriteArrayList<>();
    private final List<IpamCommand> commands = new CopyOnWriteArrayList<>();
    private final Terms terms = new Terms((_, command) -> commands.add(command));
    private HttpServer api;
    private KubernetesClient client;
    private volatile boolean installed = true;

    @BeforeEach
    void start() throws IOException {
        api = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 16);
        api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        api.createContext("/apis/network.alibabacloud.com/v1/nodenetinfos", this::answer);
        api.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + api.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    @AfterEach
    void stop() {
        terms.close();
        client.close();
        api.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (!installed) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        if (query.contains("watch=true")) {
            exchange.sendResponseHeaders(200, 0); // says nothing until the client hangs up
            exchange.getResponseBody().flush();
            return;
        }
        lists.add(query);
        int from = query.contains("continue=") ? Integer.parseInt(query.replaceAll(".*continue=([0-9]+).*", "$1")) : 0;
        int to = Math.min(NODES, from + 500);
        List<Object> items = new ArrayList<>();
        for (int i = from; i < to; i++) {
            items.add(object(new NodeName("n" + i)));
        }
        Map<String, Object> meta = new LinkedHashMap<>(Map.of("resourceVersion", "1"));
        if (to < NODES) {
            meta.put("continue", Integer.toString(to));
        }
        byte[] body = Serialization.asJson(Map.of(
                        "apiVersion",
                        "network.alibabacloud.com/v1",
                        "kind",
                        "NodeNetInfoList",
                        "metadata",
                        meta,
                        "items",
                        items))
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** As the writer leaves it. */
    private static GenericKubernetesResource object(NodeName node) {
        NodeView view = NodeInfoWriterTest.view(
                node, List.of(), NodeInfoWriterTest.view(7).addresses());
        Map<String, Object> body = NodeInfo.of(view, 3);
        GenericKubernetesResource object = NodeInfo.object(view, body);
        object.getMetadata().setUid("object-" + node);
        object.getMetadata().setResourceVersion("1");
        object.setAdditionalProperty("status", body.get("status"));
        return object;
    }

    @Test
    void aNewLeaderBeginsWithWhatTheFormerOneWroteDown() {
        var watch = new NodeInfoWatch(client, terms);
        terms.follow(watch);
        watch.start();
        eventually(watch::synced);
        terms.elected(4);
        LoopThread loop = terms.serving().orElseThrow();

        loop.put(new IpamEvent.SessionOpened(new SessionId("s"), hello("n1200", 6)));
        loop.put(new IpamEvent.LedgerReceived(new SessionId("s"), Ledger.EMPTY));
        loop.put(new IpamEvent.SessionOpened(new SessionId("t"), hello("n1199", 7)));
        loop.put(new IpamEvent.LedgerReceived(new SessionId("t"), Ledger.EMPTY));

        eventually(() -> commands.stream()
                .anyMatch(command -> command instanceof IpamCommand.EndSession end
                        && end.reason().contains("NodeNetInfo n1200")));
        eventually(() -> commands.stream()
                .anyMatch(command -> command instanceof IpamCommand.ShowStatus status
                        && status.node().value().equals("n1199")
                        && status.capacity() == 45));
        assertEquals(3, lists.size(), () -> "pages: " + lists);
        assertTrue(lists.stream().allMatch(query -> query.contains("limit=500")), lists::toString);
        watch.close();
    }

    private static Hello hello(String node, long sequence) {
        return new Hello(
                new NodeIdentity(new NodeName(node), "uid-1", new InstanceId("i-1"), "ledger-1"),
                "boot-1",
                0,
                sequence,
                new ZoneId("cn-hangzhou-h"),
                new InstanceType("ecs.g7.xlarge"));
    }

    @Test
    void whatIsStoredIsKnownToTheWriter() {
        var watch = new NodeInfoWatch(client, terms);
        watch.start();
        eventually(watch::synced);
        NodeName node = new NodeName("n3");
        NodeView view = NodeInfoWriterTest.view(
                node, List.of(), NodeInfoWriterTest.view(7).addresses());

        assertEquals(NodeInfo.digest(NodeInfo.of(view, 99)), watch.stored(node).orElseThrow());

        assertFalse(watch.stored(new NodeName("unknown")).isPresent());
        watch.close();
    }

    @Test
    void aClusterWithoutTheKindIsNotWaitedFor() {
        installed = false;
        var watch = new NodeInfoWatch(client, terms);
        watch.start();

        eventually(watch::synced);

        watch.close();
    }

    @Test
    void whatAFormerVersionWroteSaysNothing() {
        GenericKubernetesResource object = object(new NodeName("n1"));
        assertTrue(NodeInfo.remembered(object).isPresent());
        ((Map<?, ?>) object.getAdditionalProperties().get("status")).remove("ledger");

        assertEquals(Optional.empty(), NodeInfo.remembered(object));
    }

    @ParameterizedTest
    @CsvSource({
        "sequence, -1",
        "sequence, seven",
        "sequence, 1.5",
        "id, ''",
        "bootID, ''",
    })
    void whatIsUnreadableIsNamed(String key, String value) {
        GenericKubernetesResource object = Serialization.unmarshal(
                Serialization.asJson(object(new NodeName("n1"))), GenericKubernetesResource.class);
        @SuppressWarnings("unchecked")
        var ledger = (Map<String, Object>)
                ((Map<String, Object>) object.getAdditionalProperties().get("status")).get("ledger");
        ledger.put(key, value);

        var e = assertThrows(IllegalArgumentException.class, () -> NodeInfo.remembered(object));

        assertTrue(e.getMessage().startsWith("NodeNetInfo n1: " + key), e.getMessage());
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not become true in 30 s");
            Thread.onSpinWait();
        }
    }
}
