package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.terway.ipam.AddressState;
import io.terway.ipam.CloudEni;
import io.terway.ipam.EniConfig;
import io.terway.ipam.EniIp;
import io.terway.ipam.NodeView;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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

    private static NodeView view(int idle) {
        EniId eni = new EniId("eni-1");
        List<NodeView.AddressLine> lines = java.util.stream.IntStream.range(0, idle)
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
        return new NodeView(
                NODE,
                new InstanceId("i-1"),
                new ZoneId("cn-hangzhou-h"),
                Optional.empty(),
                true,
                "",
                List.of(cloud),
                lines,
                2,
                5,
                45,
                0,
                EniConfig.Mode.ENIIP,
                "uid-1");
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
                var writer = new NodeInfoWriter(client, Duration.ofMillis(1))) {
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

    private String next(String method) throws InterruptedException {
        RecordedRequest request = api.takeRequest(10, TimeUnit.SECONDS);
        while (request != null && !request.getMethod().equals(method)) {
            request = api.takeRequest(10, TimeUnit.SECONDS);
        }
        assertNotNull(request, "no " + method + " in 10 s");
        return request.getBody().readUtf8();
    }
}
