package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jboss.logging.Logger;

/**
 * What workloads of eni_conf.custom_stateful_workload_kinds ask for their pods by their own annotations. They are not watched, as
 * nobody knows their kinds before: one is looked up when a pod of it is seen, and not again for a minute.
 */
final class CustomWorkloads {

    private static final Logger LOG = Logger.getLogger(CustomWorkloads.class);

    /** Workloads that are remembered; the oldest is forgotten. */
    static final int MOST = 10_000;

    private static final Duration FRESH = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final SequencedMap<Name, Known> known = new LinkedHashMap<>(); // guarded by this

    private record Name(String namespace, String apiVersion, String kind, String name) {}

    private record Known(Map<String, String> wishes, long since) {}

    CustomWorkloads(KubernetesClient client) {
        this.client = client;
    }

    synchronized Map<String, String> wishes(String namespace, OwnerReference owner) {
        var name = new Name(namespace, owner.getApiVersion(), owner.getKind(), owner.getName());
        long now = System.nanoTime();
        Known before = known.get(name);
        if (before != null && now - before.since < FRESH.toNanos()) {
            return before.wishes;
        }
        var found = new Known(look(name), now);
        known.putLast(name, found);
        if (known.size() > MOST) {
            known.pollFirstEntry();
        }
        return found.wishes;
    }

    private Map<String, String> look(Name name) {
        try {
            GenericKubernetesResource object = client.genericKubernetesResources(name.apiVersion, name.kind)
                    .inNamespace(name.namespace)
                    .withName(name.name)
                    .get();
            return object == null ? Map.of() : FixedWish.of(object.getMetadata());
        } catch (KubernetesClientException | IllegalArgumentException e) {
            LOG.warnf(
                    "%s %s/%s cannot be read, so only its pods' own annotations count: %s; ipam-service needs the verb get on"
                            + " the kinds of custom_stateful_workload_kinds",
                    name.kind, name.namespace, name.name, e.getMessage());
            return Map.of();
        }
    }
}
