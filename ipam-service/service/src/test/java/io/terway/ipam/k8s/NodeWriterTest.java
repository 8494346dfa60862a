package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.terway.ipam.IpamCommand;
import io.terway.net.NodeName;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeWriterTest {

    private final KubernetesMockServer api = new KubernetesMockServer(false);

    @BeforeEach
    void start() {
        api.init();
    }

    @AfterEach
    void stop() {
        api.destroy();
    }

    @Test
    void anAnchorThatWasRefusedIsWrittenAgain() throws InterruptedException {
        var node =
                new NodeBuilder().withNewMetadata().withName("n1").endMetadata().build();
        api.expect().get().withPath("/api/v1/nodes/n1").andReturn(200, node).always();
        api.expect().patch().withPath("/api/v1/nodes/n1").andReturn(403, "no").once();
        api.expect().patch().withPath("/api/v1/nodes/n1").andReturn(200, node).once();
        try (KubernetesClient client = api.createClient();
                var writer = new NodeWriter(client)) {
            writer.anchor(new IpamCommand.Anchor(new NodeName("n1"), "ledger-1"));

            String first = patch();
            assertTrue(first.contains("ledger-1"), first);
            assertEquals(first, patch());
        }
    }

    /** The body of the next write; the client reads before it writes. */
    private String patch() throws InterruptedException {
        RecordedRequest request = api.takeRequest(10, TimeUnit.SECONDS);
        while (request != null && !request.getMethod().equals("PATCH")) {
            request = api.takeRequest(10, TimeUnit.SECONDS);
        }
        assertNotNull(request, "no write in 10 s");
        return request.getBody().readUtf8();
    }
}
