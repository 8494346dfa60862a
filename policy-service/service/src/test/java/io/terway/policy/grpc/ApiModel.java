package io.terway.policy.grpc;

import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** A stateful model of the API server, started before the service. */
public class ApiModel implements QuarkusTestResourceLifecycleManager {

    private KubernetesMockServer server;

    @Override
    public Map<String, String> start() {
        server = new KubernetesMockServer(
                new io.fabric8.mockwebserver.Context(),
                new io.fabric8.mockwebserver.MockWebServer(),
                new java.util.HashMap<>(),
                new io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher(),
                false);
        server.init();
        return Map.of(
                "quarkus.kubernetes-client.api-server-url",
                server.url("/"),
                "quarkus.kubernetes-client.namespace",
                "kube-system");
    }

    @Override
    public void stop() {
        if (server != null) {
            server.destroy();
        }
    }
}
