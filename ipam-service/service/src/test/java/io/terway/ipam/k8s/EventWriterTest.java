package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.terway.ipam.ConfigReading;
import io.terway.ipam.EniConfigReader;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.VSwitchSupply;
import io.terway.ipam.leader.Terms;
import io.terway.net.Cidr;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events as kubectl shows them. */
class EventWriterTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesMockServer api = new KubernetesMockServer(false);
    private KubernetesClient client;
    private EventWriter events;

    @BeforeEach
    void start() {
        api.init();
        client = api.createClient();
        for (String namespace : List.of("default", "db", "kube-system")) {
            api.expect()
                    .post()
                    .withPath("/api/v1/namespaces/" + namespace + "/events")
                    .andReturn(201, new Event())
                    .always();
        }
        events = new EventWriter(client, "kube-system");
    }

    @AfterEach
    void stop() {
        events.close();
        client.close();
        api.destroy();
    }

    private JsonNode next() throws Exception {
        return JSON.readTree(api.takeRequest(30, TimeUnit.SECONDS).getBody().readUtf8());
    }

    @Test
    void aNodesNoticeIsAnEventOfTheNode() throws Exception {
        events.node(new IpamCommand.Notice(new NodeName("n1"), true, "NodeQuarantined", "why"));

        JsonNode event = next();

        assertEquals("Warning", event.path("type").asText());
        assertEquals("NodeQuarantined", event.path("reason").asText());
        assertEquals("Node", event.at("/involvedObject/kind").asText());
        assertEquals("n1", event.at("/involvedObject/name").asText());
        assertEquals("default", event.at("/metadata/namespace").asText());
    }

    @Test
    void aLongMessageIsCutToWhatAnEventHolds() throws Exception {
        events.pod(new PodRef("db", "redis-0"), "uid", "FixedAddressRefused", "x".repeat(5_000));

        JsonNode event = next();

        assertEquals(1_000, event.path("message").asText().length());
        assertTrue(event.path("message").asText().endsWith("..."));
        assertEquals("uid", event.at("/involvedObject/uid").asText());
    }

    @Test
    void aFloodIsCutAndNobodyWaits() throws Exception {
        for (int i = 0; i < 100_000; i++) {
            events.node(new IpamCommand.Notice(new NodeName("n1"), false, "Flood", "number " + i));
        }

        assertEquals("number 0", next().path("message").asText());
        assertEquals("number 1", next().path("message").asText());
    }

    /** The VPC contradicts a configuration: said once, and again when it is another contradiction. */
    @Test
    void aContradictionIsSaidOnce() throws Exception {
        var terms = new Terms((_, _) -> {});
        var config = new ConfigWatch(client, "kube-system", terms, events);
        config.inForce(((ConfigReading.Accepted)
                        EniConfigReader.read(Map.of("vswitches", Map.of("cn-h", List.of("vsw-x"))), Map.of()))
                .config());
        List<VSwitchSupply> vpc =
                List.of(new VSwitchSupply(new VSwitchId("vsw-h"), new ZoneId("cn-h"), Cidr.parse("10.0.64.0/20"), 100));
        for (int i = 0; i < 5; i++) {
            config.vpc(vpc, Map.of());
        }
        events.config(false, "Marker", "");

        JsonNode said = next();

        assertEquals("VpcMismatch", said.path("reason").asText());
        assertTrue(said.path("message").asText().contains("vsw-x, which is not in the VPC"), said::toString);
        assertEquals("Marker", next().path("reason").asText());
        config.close();
    }
}
