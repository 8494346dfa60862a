package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.terway.ipam.IpamCommand;
import io.terway.net.NodeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people and the scheduler see of a Node: annotations, the condition SufficientIP, extended resources. */
class NodeStatusTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final NodeName NODE = new NodeName("n1");

    private final KubernetesMockServer api = new KubernetesMockServer(false);
    private KubernetesClient client;

    @BeforeEach
    void start() {
        api.init();
        client = api.createClient();
        Node node = new NodeBuilder()
                .withNewMetadata()
                .withName("n1")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
        api.expect().get().withPath("/api/v1/nodes/n1").andReturn(200, node).always();
        api.expect().patch().withPath("/api/v1/nodes/n1").andReturn(200, node).always();
        api.expect()
                .patch()
                .withPath("/api/v1/nodes/n1/status")
                .andReturn(200, node)
                .always();
    }

    @AfterEach
    void stop() {
        client.close();
        api.destroy();
    }

    private static IpamCommand.ShowStatus status(
            int bound, int capacity, int enis, boolean sufficient, String message) {
        return new IpamCommand.ShowStatus(NODE, bound, bound, capacity, enis, 6, sufficient, true, message);
    }

    private List<JsonNode> statusPatches(IpamCommand.ShowStatus... shown) throws Exception {
        var conditions = new NodeConditions(client);
        List<JsonNode> patches = new ArrayList<>();
        for (IpamCommand.ShowStatus status : shown) {
            int before = api.getRequestCount();
            conditions.show(NODE, status);
            while (before++ < api.getRequestCount()) {
                RecordedRequest request = api.takeRequest(10, TimeUnit.SECONDS);
                if (request.getMethod().equals("PATCH")) {
                    patches.add(JSON.readTree(request.getBody().readUtf8()).path("status"));
                }
            }
        }
        return patches;
    }

    @Test
    void theConditionAndTheResourcesAreShownAtFirst() throws Exception {
        JsonNode shown = statusPatches(status(3, 45, 2, true, "")).getFirst();

        assertEquals("SufficientIP", shown.at("/conditions/0/type").asText());
        assertEquals("True", shown.at("/conditions/0/status").asText());
        for (String where : List.of("capacity", "allocatable")) {
            assertEquals("2", shown.path(where).path("aliyun/eni").asText());
            assertEquals("6", shown.path(where).path("aliyun/member-eni").asText());
        }
    }

    @Test
    void whatHasNotChangedIsNotWrittenAgain() throws Exception {
        assertEquals(
                1,
                statusPatches(status(3, 45, 2, true, ""), status(4, 45, 2, true, ""))
                        .size());
    }

    @Test
    void aShortageTurnsTheConditionAndItsMessageSaysWhy() throws Exception {
        List<JsonNode> patches = statusPatches(
                status(3, 45, 2, true, ""),
                status(3, 45, 2, false, "vsw-1 is exhausted"),
                status(3, 45, 2, false, "vsw-1 is exhausted; QuotaExceeded"));

        JsonNode turned = patches.get(1).at("/conditions/0");
        assertEquals("False", turned.path("status").asText());
        assertEquals("InsufficientIP", turned.path("reason").asText());
        assertEquals("vsw-1 is exhausted", turned.path("message").asText());
        assertTrue(turned.has("lastTransitionTime"));
        assertFalse(patches.get(1).has("capacity"), "unchanged");
        assertFalse(patches.get(2).at("/conditions/0").has("lastTransitionTime"), "it did not turn");
    }

    /** After a restart, before eni-manager has spoken: pods that ask for ENIs must still find the node. */
    @Test
    void resourcesOfANodeThatIsNotKnownYetStayAsTheyAre() throws Exception {
        List<JsonNode> patches = statusPatches(status(3, 0, 0, true, ""), status(3, 45, 2, true, ""));

        assertFalse(patches.getFirst().has("allocatable"));
        assertEquals(
                "2", patches.getLast().at("/allocatable").path("aliyun/eni").asText());
    }

    @Test
    void theAnnotationsOfTheGuideAreWritten() throws Exception {
        try (var writer = new NodeWriter(client)) {
            writer.status(status(3, 45, 2, true, ""));

            JsonNode written = annotations();
            assertEquals("3", written.path("k8s.aliyun.com/allocated-eniips").asText());
            assertEquals("45", written.path("k8s.aliyun.com/max-available-ip").asText());
            assertEquals("6", written.path("k8s.aliyun.com/max-member-eni-ip").asText());
        }
    }

    private JsonNode annotations() throws InterruptedException, IOException {
        RecordedRequest request = api.takeRequest(10, TimeUnit.SECONDS);
        while (request != null
                && !(request.getMethod().equals("PATCH") && request.getPath().endsWith("/nodes/n1"))) {
            request = api.takeRequest(10, TimeUnit.SECONDS);
        }
        assertNotNull(request, "no write in 10 s");
        return JSON.readTree(request.getBody().readUtf8()).at("/metadata/annotations");
    }
}
