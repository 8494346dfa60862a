package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.store.ObjectKey;
import java.util.List;

/** What a cluster has from the start: its namespaces and the Service of the API server. */
public final class Bootstrap {

    private final Cluster cluster;
    private final Create create;

    public Bootstrap(Cluster cluster, Create create) {
        this.cluster = cluster;
        this.create = create;
    }

    /**
     * Serves the stored definitions again and makes what is missing.
     *
     * @param host the address this server is reached by
     * @param port 0 while it is not known; the Service then has no endpoints
     */
    public void run(String host, int port) {
        cluster.store().all(Cluster.DEFINITIONS).values().forEach(cluster.resources()::define);
        Resource namespaces = cluster.resources().find("", "v1", "namespaces").orElseThrow();
        for (String name : List.of("default", "kube-system", "kube-public", "kube-node-lease")) {
            ensure(namespaces, new ObjectKey("", name), Json.object());
        }
        ObjectKey key = new ObjectKey("default", "kubernetes");
        ObjectNode service = Json.object();
        ObjectNode spec = service.putObject("spec")
                .put("clusterIP", cluster.addresses().first().toString());
        spec.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", 443)
                .put("protocol", "TCP")
                .put("targetPort", port == 0 ? 6443 : port);
        ensure(cluster.resources().find("", "v1", "services").orElseThrow(), key, service);
        if (port == 0) {
            return;
        }
        ObjectNode endpoints = Json.object();
        ObjectNode subset = endpoints.putArray("subsets").addObject();
        subset.putArray("addresses").addObject().put("ip", host);
        subset.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", port)
                .put("protocol", "TCP");
        ensure(cluster.resources().find("", "v1", "endpoints").orElseThrow(), key, endpoints);
    }

    private void ensure(Resource resource, ObjectKey key, ObjectNode object) {
        if (cluster.store().get(resource.id(), key).isEmpty()) {
            Meta.of(object).put("name", key.name());
            create.create(resource, object, key, false);
        }
    }
}
