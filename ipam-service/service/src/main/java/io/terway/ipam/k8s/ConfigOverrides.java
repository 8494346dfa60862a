package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/** Looks every half minute, and when a new name appears, at the ConfigMaps that node labels name. */
public final class ConfigOverrides implements AutoCloseable {

    /** Different configurations in one cluster; a label beyond that is passed over. */
    static final int MOST = 100;

    private static final Logger LOG = Logger.getLogger(ConfigOverrides.class);
    private static final Duration EVERY = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final String namespace;
    private final ConfigWatch config;
    private final Thread looker;
    private Set<String> names = Set.of(); // guarded by this
    private volatile Map<String, Map<String, String>> found = Map.of();

    public ConfigOverrides(KubernetesClient client, String namespace, ConfigWatch config) {
        this.client = client;
        this.namespace = namespace;
        this.config = config;
        looker = Thread.ofVirtual().name("config-overrides").start(this::look);
    }

    /** The label values of all nodes. */
    public synchronized void named(Set<String> labels) {
        if (!labels.equals(names)) {
            names = new TreeSet<>(labels);
            notifyAll();
        }
    }

    /** True once each ConfigMap that is named was looked for: a node must not start under another configuration. */
    public synchronized boolean synced() {
        return names.size() > MOST || found.keySet().containsAll(names);
    }

    @Override
    public void close() {
        looker.interrupt();
    }

    private synchronized Set<String> await() throws InterruptedException {
        if (names.isEmpty() && found.isEmpty()) {
            wait();
        } else if (names.equals(found.keySet())) {
            wait(EVERY.toMillis());
        }
        return names;
    }

    private void look() {
        try {
            while (true) {
                Map<String, Map<String, String>> next = new HashMap<>();
                await().stream().limit(MOST).forEach(name -> next.put(name, data(name)));
                config.overridden(next);
                found = next; // last: synced means applied
            }
        } catch (InterruptedException e) {
            LOG.debug("overrides stopped");
        }
    }

    /** Absent and unreadable are told apart: what cannot be read now stays as it was. */
    private Map<String, String> data(String name) {
        try {
            ConfigMap map =
                    client.configMaps().inNamespace(namespace).withName(name).get();
            return map == null || map.getData() == null ? Map.of() : map.getData();
        } catch (KubernetesClientException e) {
            LOG.warnf("ConfigMap %s, which a node label names, cannot be read: %s", name, e.getMessage());
            return found.getOrDefault(name, Map.of());
        }
    }
}
