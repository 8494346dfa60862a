package io.terway.lab.api;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** A server on loopback with its state in a test's directory, and a real client of it. */
final class ApiFixture implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ApiOptions options;
    EmbeddedApi api;
    KubernetesClient client;

    ApiFixture(ApiOptions options) throws IOException {
        this.options = options;
        start(options);
    }

    static ApiFixture in(Path directory) throws IOException {
        return new ApiFixture(ApiOptions.of("127.0.0.1", 0, directory.resolve("state")));
    }

    /** Stops the server and starts it again on the same port from the same file. */
    void restart() throws IOException {
        int port = api.port();
        api.close();
        api = EmbeddedApi.start(new ApiOptions(
                options.host(), port, options.state(), options.services(), options.podGrace(), options.history()));
    }

    static Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .addToLabels("app", name)
                .endMetadata()
                .withNewSpec()
                .withNodeName("n1")
                .addNewContainer()
                .withName("c")
                .withImage("nginx")
                .endContainer()
                .endSpec()
                .build();
    }

    /** Waits until {@code condition} holds; fails the test when it does not in time. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    private void start(ApiOptions with) throws IOException {
        api = EmbeddedApi.start(with);
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(api.url())
                .withNamespace("default")
                .withWatchReconnectInterval(50)
                .withRequestRetryBackoffLimit(0)
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @Override
    public void close() throws IOException {
        client.close();
        api.close();
    }
}
