package io.terway.eni.state;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.util.Map;

/** The state as the ConfigMap {@value #NAME}; written by the leader only, each write guarded by the version it replaces. */
public final class ConfigMapState implements StateStore {

    public static final String NAME = "terway-eni-state";

    private static final String KEY = "state";

    private final KubernetesClient client;
    private final String namespace;

    public ConfigMapState(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    @Override
    public Saved load() {
        try {
            ConfigMap map =
                    client.configMaps().inNamespace(namespace).withName(NAME).get();
            return map == null ? new Saved("", "") : saved(map);
        } catch (KubernetesClientException e) {
            throw failed("read", e);
        }
    }

    @Override
    public Saved save(Saved next) {
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(NAME)
                .addToLabels("app.kubernetes.io/name", "terway")
                .withResourceVersion(next.version().isEmpty() ? null : next.version())
                .endMetadata()
                .withData(Map.of(KEY, next.text()))
                .build();
        try {
            var request = client.configMaps().inNamespace(namespace).resource(map);
            return saved(next.version().isEmpty() ? request.create() : request.update());
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                throw new Conflict();
            }
            throw failed("written", e);
        }
    }

    private static Saved saved(ConfigMap map) {
        String text = map.getData() == null ? "" : map.getData().getOrDefault(KEY, "");
        return new Saved(text, map.getMetadata().getResourceVersion());
    }

    private UncheckedIOException failed(String what, KubernetesClientException e) {
        return new UncheckedIOException(new IOException(
                "ConfigMap " + namespace + "/" + NAME + " cannot be " + what + ": " + e.getMessage()
                        + "; without it no address is assigned, as a crash could assign it twice",
                e));
    }
}
