package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.terway.ipam.IpamCommand;
import io.terway.net.NodeName;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeTaintsTest {

    private static final NodeName NODE = new NodeName("n1");

    private final KubernetesMockServer api = new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    private KubernetesClient client;

    @BeforeEach
    void start() {
        api.init();
        client = api.createClient();
        client.nodes()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName("n1")
                        .endMetadata()
                        .withNewSpec()
                        .addNewTaint()
                        .withKey(NodeTaints.STARTING)
                        .withEffect("NoSchedule")
                        .endTaint()
                        .addNewTaint()
                        .withKey("theirs")
                        .withEffect("NoExecute")
                        .endTaint()
                        .endSpec()
                        .build())
                .create();
    }

    @AfterEach
    void stop() {
        client.close();
        api.destroy();
    }

    @Test
    void theStartUpTaintStaysUntilTheNodeCanServe() {
        var taints = new NodeTaints(client);

        taints.show(NODE, status(0, 30, false));
        assertEquals(List.of(NodeTaints.STARTING, "theirs"), keys());
        taints.show(NODE, status(0, 30, true));

        assertEquals(List.of("theirs"), keys());
    }

    @Test
    void aFullNodeIsTaintedUntilAnAddressIsFree() {
        var taints = new NodeTaints(client);

        taints.show(NODE, status(30, 30, true));
        assertTrue(keys().contains(NodeTaints.FULL));
        taints.show(NODE, status(29, 30, true));

        assertFalse(keys().contains(NodeTaints.FULL));
        assertTrue(keys().contains("theirs"));
    }

    private List<String> keys() {
        return client.nodes().withName("n1").get().getSpec().getTaints().stream()
                .map(Taint::getKey)
                .toList();
    }

    private static IpamCommand.ShowStatus status(int bound, int capacity, boolean ready) {
        return new IpamCommand.ShowStatus(NODE, bound, bound, capacity, 0, 0, true, ready, "");
    }
}
