package io.terway.ipam.grpc;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.MockWebServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;

/** Models of the API server and of eni-manager, started before the service. */
public class ClusterModel implements QuarkusTestResourceLifecycleManager {

    private KubernetesMockServer api;
    private ModelEniManager eniManager;

    @Override
    public Map<String, String> start() {
        api = new KubernetesMockServer(
                new io.fabric8.mockwebserver.Context(),
                new MockWebServer(),
                new HashMap<>(),
                new KubernetesCrudDispatcher(),
                false);
        api.init();
        try {
            eniManager = ModelEniManager.start();
            return Map.of(
                    "quarkus.kubernetes-client.api-server-url",
                    api.url("/"),
                    "quarkus.kubernetes-client.namespace",
                    "kube-system",
                    "terway.leader-election",
                    "false",
                    "terway.eni-manager",
                    "127.0.0.1:" + eniManager.port(),
                    "terway.state-dir",
                    Files.createTempDirectory("ipam").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void inject(Object test) {
        if (test instanceof IpamIT it) {
            it.eniManager = eniManager;
        }
    }

    @Override
    public void stop() {
        if (eniManager != null) {
            eniManager.stop();
        }
        if (api != null) {
            api.destroy();
        }
    }
}
