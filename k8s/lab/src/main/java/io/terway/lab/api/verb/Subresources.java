package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.store.ObjectKey;
import java.util.Optional;

/** The subresources with a meaning of their own: binding, eviction, scale and finalize. */
public final class Subresources {

    private final Cluster cluster;
    private final Delete delete;

    public Subresources(Cluster cluster, Delete delete) {
        this.cluster = cluster;
        this.delete = delete;
    }

    /** Assigns a pod to the node a Binding names. */
    public void bind(Resource pods, ObjectKey key, ObjectNode binding) {
        ObjectNode pod = cluster.get(pods, key).deepCopy();
        String node = Json.text(binding, "target", "name");
        String bound = Json.text(pod, "spec", "nodeName");
        if (node.isEmpty()) {
            throw pods.invalid(key.name(), "target.name", "Required value");
        }
        if (!bound.isEmpty() || Meta.deleting(pod)) {
            throw pods.conflict(
                    key.name(),
                    bound.isEmpty()
                            ? "pod " + key.name() + " is being deleted, cannot be assigned to a host"
                            : "pod " + key.name() + " is already assigned to node \"" + bound + "\"");
        }
        Json.child(pod, "spec").put("nodeName", node);
        Json.list(Json.child(pod, "status"), "conditions")
                .addObject()
                .put("type", "PodScheduled")
                .put("status", "True")
                .put("lastTransitionTime", Meta.time(cluster.now()));
        cluster.store().put(pods.id(), key, pod);
    }

    /** Deletes a pod as an Eviction asks. Disruption budgets are stored but nothing computes them here. */
    public void evict(Resource pods, ObjectKey key, ObjectNode eviction) {
        delete.delete(
                pods,
                key,
                Delete.Options.of(eviction.path("deleteOptions"), Optional.empty(), Optional.empty(), false));
    }

    /** The Scale view of a workload. */
    public ObjectNode scale(Resource resource, ObjectKey key) {
        ObjectNode object = cluster.get(resource, key);
        ObjectNode scale = Json.object().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        ObjectNode meta = scale.putObject("metadata");
        for (String field : new String[] {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
            meta.set(field, object.path("metadata").get(field));
        }
        scale.putObject("spec").set("replicas", object.path("spec").path("replicas"));
        ObjectNode status = scale.putObject("status");
        status.put("replicas", object.path("status").path("replicas").asInt());
        return scale;
    }

    /** Sets the replicas of a workload to those of a Scale. */
    public ObjectNode rescale(Resource resource, ObjectKey key, ObjectNode scale) {
        ObjectNode object = cluster.get(resource, key).deepCopy();
        String version = Meta.version(scale);
        if (!version.isEmpty() && !version.equals(Meta.version(object))) {
            throw resource.conflict(key.name(), "the object has been modified; please try again");
        }
        JsonNode replicas = Json.at(scale, "spec", "replicas");
        if (!replicas.isIntegralNumber() || replicas.asLong() < 0) {
            throw resource.invalid(
                    key.name(), "spec.replicas", "Invalid value: " + replicas + ": must be 0 or greater");
        }
        ObjectNode spec = Json.child(object, "spec");
        if (!spec.path("replicas").equals(replicas)) {
            spec.set("replicas", replicas);
            Meta.of(object)
                    .put("generation", Json.at(object, "metadata", "generation").asLong() + 1);
            cluster.store().put(resource.id(), key, object);
        }
        return scale(resource, key);
    }
}
