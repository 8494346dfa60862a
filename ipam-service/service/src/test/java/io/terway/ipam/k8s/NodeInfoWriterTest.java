package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.terway.ipam.AddressState;
import io.terway.ipam.CloudEni;
import io.terway.ipam.CloudInstance;
import io.terway.ipam.EniConfig;
import io.terway.ipam.EniIp;
import io.terway.ipam.InstanceLimits;
import io.terway.ipam.NodeView;
import io.terway.ipam.RememberedNode;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeInfoWriterTest {

    private static final String PATH = "/apis/network.alibabacloud.com/v1/nodenetinfos";
    private static final NodeName NODE = new NodeName("n1");

    private final KubernetesMockServer api = new KubernetesMockServer(false);

    @BeforeEach
    void start() {
        api.init();
    }

    @AfterEach
    void stop() {
        api.destroy();
    }

    static NodeView view(int idle) {
        EniId eni = new EniId("eni-1");
        List<NodeView.AddressLine> lines = IntStream.range(0, idle)
                .mapToObj(i -> new NodeView.AddressLine(
                        new EniIp(Ip.ofIpv4(0x0a004001 + i), eni, Optional.empty()),
                        new AddressState.Idle(Instant.EPOCH)))
                .toList();
        CloudEni cloud = new CloudEni(
                eni,
                new Mac(1),
                new VSwitchId("vsw-1"),
                List.of(),
                Optional.of(Ip.parse("10.0.64.1")),
                List.of(),
                CloudEni.Phase.IN_USE,
                CloudEni.Use.SECONDARY,
                true);
        return view(NODE, List.of(cloud), lines);
    }

    static NodeView view(NodeName node, List<CloudEni> enis, List<NodeView.AddressLine> lines) {
        var limits = new InstanceLimits(4, 15, 15, 10, true);
        var instance = new CloudInstance(
                new InstanceId("i-1"),
                new InstanceType("ecs.g7.xlarge"),
                new ZoneId("cn-hangzhou-h"),
                false,
                limits,
                enis,
                Optional.empty(),
                List.of());
        return new NodeView(
                node,
                instance.id(),
                instance.zone(),
                Optional.of(instance),
                true,
                "",
                enis,
                lines,
                2,
                5,
                45,
                0,
                EniConfig.Mode.ENIIP,
                new RememberedNode(
                        node, "uid-1", instance.id(), instance.type(), limits, 2, "ledger-1", "boot-1", lines.size()));
    }

    @Test
    void makesTheObjectWithItsNodeForOwnerAndKeepsItsStatus() throws InterruptedException {
        var stored = new GenericKubernetesResource();
        api.expect().get().withPath(PATH + "/n1").andReturn(404, "").once();
        api.expect().post().withPath(PATH).andReturn(201, stored).once();
        api.expect()
                .patch()
                .withPath(PATH + "/n1/status")
                .andReturn(200, stored)
                .always();
        api.expect().get().withPath(PATH + "/n1").andReturn(200, stored).always();
        api.expect().patch().withPath(PATH + "/n1").andReturn(200, stored).always();
        try (KubernetesClient client = api.createClient();
                var writer = new NodeInfoWriter(
                        client, _ -> OptionalInt.empty(), Duration.ofMillis(1), Duration.ofMillis(1))) {
            writer.changed(NODE, 3, () -> Optional.of(view(2)));

            String made = next("POST");
            assertTrue(made.contains("\"uid\":\"uid-1\"") && made.contains("\"instanceID\":\"i-1\""), made);
            String status = next("PATCH");
            assertTrue(status.contains("\"available\":2") && status.contains("\"networkMode\":\"ENIIP\""), status);

            writer.changed(NODE, 3, () -> Optional.of(view(2)));
            writer.changed(new NodeName("unknown"), 3, Optional::empty);
            writer.changed(NODE, 3, () -> Optional.of(view(4)));
            String later = next("PATCH");
            later = later.contains("ipPool") ? later : next("PATCH");
            assertTrue(later.contains("\"available\":4"), later);
        }
    }

    @Test
    void itsSizeDoesNotGrowWithThePods() {
        assertEquals(
                NodeInfo.of(view(3), 1).toString().length(),
                NodeInfo.of(view(9), 1).toString().length());
    }

    @Test
    void itsSizeIsBoundedWhateverTheInstanceHas() {
        List<SecurityGroupId> groups = IntStream.range(0, 40)
                .mapToObj(i -> new SecurityGroupId("sg-" + "g".repeat(50) + i))
                .toList();
        List<CloudEni> enis = IntStream.range(0, 2_000)
                .mapToObj(i -> new CloudEni(
                        new EniId("eni-" + "e".repeat(50) + i),
                        new Mac(i),
                        new VSwitchId("vsw-" + "v".repeat(55)),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        CloudEni.Phase.IN_USE,
                        CloudEni.Use.MEMBER,
                        true,
                        groups,
                        i,
                        Optional.empty()))
                .toList();

        int bytes = Serialization.asJson(NodeInfo.of(view(NODE, enis, List.of()), Long.MAX_VALUE))
                .length();

        assertTrue(bytes < 256 << 10, bytes + " bytes; the API server takes 1.5 MiB");
    }

    @Test
    void whatTheApiServerHasAlreadyIsNotWrittenAgain() throws InterruptedException {
        var stored = new GenericKubernetesResource();
        api.expect().get().withPath(PATH + "/n2").andReturn(200, stored).always();
        api.expect().patch().withPath(PATH + "/n2").andReturn(200, stored).always();
        api.expect()
                .patch()
                .withPath(PATH + "/n2/status")
                .andReturn(200, stored)
                .always();
        OptionalInt known = OptionalInt.of(NodeInfo.digest(NodeInfo.of(view(2), 8)));
        try (KubernetesClient client = api.createClient();
                var writer = new NodeInfoWriter(
                        client,
                        node -> node.equals(NODE) ? known : OptionalInt.empty(),
                        Duration.ofMillis(1),
                        Duration.ofMillis(1))) {
            writer.changed(NODE, 9, () -> Optional.of(view(2)));
            NodeName other = new NodeName("n2");
            writer.changed(other, 9, () -> Optional.of(view(other, List.of(), List.of())));

            assertEquals(PATH + "/n2", api.takeRequest(30, TimeUnit.SECONDS).getPath(), "nothing of n1 before");
        }
    }

    @Test
    void aNodeThatTheCloudHasNotShownLeavesWhatAFormerLeaderWrote() throws InterruptedException {
        api.expect().get().withPath(PATH + "/n2").andReturn(404, "").always();
        NodeView unseen = new NodeView(
                NODE,
                new InstanceId("i-1"),
                new ZoneId("z"),
                Optional.empty(),
                true,
                "",
                List.of(),
                List.of(),
                0,
                0,
                0,
                0,
                EniConfig.Mode.ENIIP,
                view(2).memory());
        try (KubernetesClient client = api.createClient();
                var writer = new NodeInfoWriter(
                        client, _ -> OptionalInt.empty(), Duration.ofMillis(1), Duration.ofMillis(1))) {
            writer.changed(NODE, 9, () -> Optional.of(unseen));
            NodeName other = new NodeName("n2");
            writer.changed(other, 9, () -> Optional.of(view(other, List.of(), List.of())));

            assertEquals(PATH + "/n2", api.takeRequest(30, TimeUnit.SECONDS).getPath());
        }
    }

    /** Only lower bounds of time are looked at: they hold on the slowest machine. */
    @Test
    void writesOfAllNodesKeepTheirPaceAndThoseOfOneNodeItsRest() throws InterruptedException {
        Duration rest = Duration.ofMillis(300);
        Duration pace = Duration.ofMillis(40);
        List<Long> times = new ArrayList<>();
        try (KubernetesClient client = api.createClient();
                var writer = new NodeInfoWriter(client, _ -> OptionalInt.empty(), rest, pace)) {
            long from = System.nanoTime();
            for (int i = 0; i < 8; i++) {
                NodeName node = new NodeName("node-" + i);
                writer.changed(node, 1, () -> Optional.of(view(node, List.of(), List.of())));
            }
            for (int i = 0; i < 8; i++) {
                nextLook();
                times.add(System.nanoTime());
            }
            assertTrue(times.getLast() - from >= 7 * pace.toNanos(), "the pace of all");
            int[] changes = {0};
            NodeName busy = new NodeName("node-0");
            long begin = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                writer.changed(busy, 1, () -> Optional.of(view(busy, List.of(), lines(++changes[0]))));
            }
            nextLook();
            writer.changed(busy, 1, () -> Optional.of(view(busy, List.of(), lines(++changes[0]))));
            nextLook();
            assertTrue(System.nanoTime() - begin >= rest.toNanos(), "the rest of one");
            assertEquals(2, changes[0], "a thousand changes are one write");
        }
    }

    /** Each write begins with a look at what there is. */
    private void nextLook() throws InterruptedException {
        RecordedRequest request = api.takeRequest(30, TimeUnit.SECONDS);
        while (request != null && !request.getMethod().equals("GET")) {
            request = api.takeRequest(30, TimeUnit.SECONDS);
        }
        assertNotNull(request, "no write in 30 s");
    }

    private static List<NodeView.AddressLine> lines(int idle) {
        return view(idle).addresses();
    }

    private String next(String method) throws InterruptedException {
        RecordedRequest request = api.takeRequest(10, TimeUnit.SECONDS);
        while (request != null && !request.getMethod().equals(method)) {
            request = api.takeRequest(10, TimeUnit.SECONDS);
        }
        assertNotNull(request, "no " + method + " in 10 s");
        return request.getBody().readUtf8();
    }
}
