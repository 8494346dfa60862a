package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Definition;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;
import io.terway.lab.api.store.Owners;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Removes objects: finalizers and grace first, then dependents, the content of namespaces, and custom resources. */
public final class Delete {

    private static final Set<String> KEPT_NAMESPACES = Set.of("default", "kube-system", "kube-public");

    private final Cluster cluster;
    private final Duration graceCap;

    /** Objects that lost an owner: worked off one after the other, as a chain of owners may be long. */
    private final ArrayDeque<Owners.Dependent> ownerless = new ArrayDeque<>();

    private boolean releasing;

    /**
     * @param graceCap the longest time a deleted pod stays for its node to notice; zero when nothing plays the kubelet
     */
    public Delete(Cluster cluster, Duration graceCap) {
        this.cluster = cluster;
        this.graceCap = graceCap;
    }

    /**
     * The DeleteOptions of a request.
     *
     * @param uid empty, or what the object's uid must be
     * @param version empty, or what the object's resourceVersion must be
     * @param orphan dependents stay, without this owner
     * @param grace seconds; negative when the request names none
     */
    public record Options(String uid, String version, boolean orphan, long grace, boolean dryRun) {

        /** Removes now. */
        static final Options NOW = new Options("", "", false, 0, false);

        /** Reads a body, which may be empty, and lets the query's values stand in for missing ones. */
        public static Options of(JsonNode body, Optional<String> grace, Optional<String> propagation, boolean dryRun) {
            String policy = body.path("propagationPolicy").asText(propagation.orElse("Background"));
            if (!Set.of("Background", "Foreground", "Orphan").contains(policy)) {
                throw Refusal.badRequest("propagationPolicy is Background, Foreground or Orphan, not " + policy);
            }
            return new Options(
                    Json.text(body, "preconditions", "uid"),
                    Json.text(body, "preconditions", "resourceVersion"),
                    policy.equals("Orphan") || body.path("orphanDependents").asBoolean(),
                    seconds(body, grace),
                    dryRun || body.path("dryRun").size() > 0);
        }

        private static long seconds(JsonNode body, Optional<String> grace) {
            JsonNode asked = body.path("gracePeriodSeconds");
            if (asked.isIntegralNumber()) {
                return Math.max(0, asked.asLong());
            }
            try {
                return grace.map(Long::parseLong).orElse(-1L);
            } catch (NumberFormatException e) {
                throw Refusal.badRequest("gracePeriodSeconds is not a number: " + grace.get());
            }
        }
    }

    /** What became of a deletion. */
    public sealed interface Outcome {
        /** The object is gone; this was its last state. */
        record Gone(ObjectNode last) implements Outcome {}

        /** The object stays until its finalizers, its content or its grace period are gone. */
        record Marked(ObjectNode object) implements Outcome {}
    }

    /** @throws Refusal NotFound, Conflict (preconditions), Forbidden (namespaces of the system) */
    public Outcome delete(Resource resource, ObjectKey key, Options options) {
        ObjectNode object = cluster.get(resource, key);
        require(resource, key, "UID", options.uid(), Meta.uid(object));
        require(resource, key, "ResourceVersion", options.version(), Meta.version(object));
        boolean namespace = resource.id().equals(Cluster.NAMESPACES);
        if (namespace && KEPT_NAMESPACES.contains(key.name())) {
            throw Refusal.forbidden("", "namespaces", key.name(), "this namespace may not be deleted");
        }
        if (options.dryRun()) {
            return new Outcome.Gone(object);
        }
        if (options.orphan()) {
            orphan(object);
        }
        Duration grace = grace(resource, object, options);
        boolean holds = !grace.isZero() || !Meta.finalizers(object).isEmpty() || namespace || isUsed(resource, object);
        if (!holds) {
            return new Outcome.Gone(finish(resource.id(), key));
        }
        if (!Meta.deleting(object) || grace.isZero() && graceful(object)) {
            object = mark(resource.id(), key, grace);
        }
        empty(resource, object);
        finishIfReady(resource.id(), key);
        return cluster.store()
                .get(resource.id(), key)
                .<Outcome>map(Outcome.Marked::new)
                .orElse(new Outcome.Gone(object));
    }

    /** Removes an object that is marked and held by nothing any more. */
    void finishIfReady(Resource.Id id, ObjectKey key) {
        Optional<ObjectNode> found = cluster.store().get(id, key).filter(Meta::deleting);
        if (found.isEmpty()
                || !Meta.finalizers(found.get()).isEmpty()
                || graceful(found.get())
                || id.equals(Cluster.NAMESPACES) && !content(key.name()).isEmpty()
                || id.equals(Cluster.DEFINITIONS)
                        && !cluster.store().all(Definition.id(found.get())).isEmpty()) {
            return;
        }
        finish(id, key);
    }

    /** Removes the pods whose grace period is over. */
    public void reap() {
        List<ObjectKey> over = new ArrayList<>();
        Instant now = cluster.now();
        cluster.store().all(Cluster.PODS).forEach((key, pod) -> {
            if (Meta.deleting(pod)
                    && graceful(pod)
                    && !Instant.parse(deadline(pod)).isAfter(now)) {
                over.add(key);
            }
        });
        for (ObjectKey key : over) {
            mark(Cluster.PODS, key, Duration.ZERO);
            finishIfReady(Cluster.PODS, key);
        }
    }

    private ObjectNode finish(Resource.Id id, ObjectKey key) {
        ObjectNode last = cluster.store().remove(id, key);
        if (id.equals(Cluster.DEFINITIONS)) {
            cluster.resources().undefine(key.name());
        }
        ownerless.addAll(cluster.store().dependents(Meta.uid(last)));
        if (!releasing) {
            releasing = true;
            try {
                while (!ownerless.isEmpty()) {
                    release(ownerless.poll());
                }
            } finally {
                releasing = false;
                ownerless.clear();
            }
        }
        if (!key.namespace().isEmpty()) {
            finishIfReady(Cluster.NAMESPACES, new ObjectKey("", key.namespace()));
        }
        finishIfReady(Cluster.DEFINITIONS, new ObjectKey("", id.toString()));
        return last;
    }

    /** A dependent goes with the last of its owners. */
    private void release(Owners.Dependent dependent) {
        Optional<ObjectNode> found = cluster.store().get(dependent.id(), dependent.key());
        boolean owned =
                found.isPresent() && Meta.ownerUids(found.get()).stream().anyMatch(uid -> exists(uid, found.get()));
        if (found.isPresent() && !owned) {
            cluster.resources()
                    .any(dependent.id())
                    .ifPresent(resource -> delete(resource, dependent.key(), Options.NOW));
        }
    }

    private boolean exists(String uid, ObjectNode dependent) {
        for (JsonNode owner : Json.at(dependent, "metadata", "ownerReferences")) {
            if (!owner.path("uid").asText().equals(uid)) {
                continue;
            }
            for (Resource resource : cluster.resources().all()) {
                if (resource.kind().equals(owner.path("kind").asText())) {
                    String namespace = resource.namespaced() ? Meta.namespace(dependent) : "";
                    ObjectKey key = new ObjectKey(namespace, owner.path("name").asText());
                    if (cluster.store()
                            .get(resource.id(), key)
                            .filter(o -> Meta.uid(o).equals(uid))
                            .isPresent()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void orphan(ObjectNode owner) {
        for (Owners.Dependent dependent : cluster.store().dependents(Meta.uid(owner))) {
            ObjectNode copy = cluster.store()
                    .get(dependent.id(), dependent.key())
                    .orElseThrow()
                    .deepCopy();
            ArrayNode references = Json.list(Meta.of(copy), "ownerReferences");
            for (int i = references.size() - 1; i >= 0; i--) {
                if (references.get(i).path("uid").asText().equals(Meta.uid(owner))) {
                    references.remove(i);
                }
            }
            cluster.store().put(dependent.id(), dependent.key(), copy);
        }
    }

    private void empty(Resource resource, ObjectNode object) {
        if (resource.id().equals(Cluster.NAMESPACES)) {
            for (Owners.Dependent item : content(Meta.name(object))) {
                deleteIfThere(item);
            }
        } else if (resource.id().equals(Cluster.DEFINITIONS)) {
            Resource.Id custom = Definition.id(object);
            for (ObjectKey key : List.copyOf(cluster.store().all(custom).keySet())) {
                deleteIfThere(new Owners.Dependent(custom, key));
            }
        }
    }

    private void deleteIfThere(Owners.Dependent item) {
        if (cluster.store().get(item.id(), item.key()).isPresent()) {
            cluster.resources().any(item.id()).ifPresent(resource -> delete(resource, item.key(), Options.NOW));
        }
    }

    private List<Owners.Dependent> content(String namespace) {
        List<Owners.Dependent> out = new ArrayList<>();
        for (Resource.Id id : cluster.store().ids()) {
            for (ObjectKey key : cluster.store()
                    .all(id)
                    .tailMap(new ObjectKey(namespace, ""))
                    .keySet()) {
                if (!key.namespace().equals(namespace)) {
                    break;
                }
                out.add(new Owners.Dependent(id, key));
            }
        }
        return out;
    }

    private boolean isUsed(Resource resource, ObjectNode object) {
        return resource.id().equals(Cluster.DEFINITIONS)
                && !cluster.store().all(Definition.id(object)).isEmpty();
    }

    private ObjectNode mark(Resource.Id id, ObjectKey key, Duration grace) {
        ObjectNode copy = cluster.store().get(id, key).orElseThrow().deepCopy();
        ObjectNode meta = Meta.of(copy);
        meta.put("deletionTimestamp", Meta.time(cluster.now().plus(grace)));
        meta.put("deletionGracePeriodSeconds", grace.toSeconds());
        if (id.equals(Cluster.NAMESPACES)) {
            Json.child(copy, "status").put("phase", "Terminating");
        }
        return cluster.store().put(id, key, copy);
    }

    private Duration grace(Resource resource, ObjectNode object, Options options) {
        if (!resource.id().equals(Cluster.PODS)
                || Json.text(object, "spec", "nodeName").isEmpty()) {
            return Duration.ZERO;
        }
        long asked = options.grace() >= 0
                ? options.grace()
                : Json.at(object, "spec", "terminationGracePeriodSeconds").asLong(30);
        return Duration.ofSeconds(Math.min(asked, graceCap.toSeconds()));
    }

    private static boolean graceful(ObjectNode object) {
        return Json.at(object, "metadata", "deletionGracePeriodSeconds").asLong() > 0;
    }

    private static String deadline(ObjectNode object) {
        return Json.text(object, "metadata", "deletionTimestamp");
    }

    private static void require(Resource resource, ObjectKey key, String what, String wanted, String found) {
        if (!wanted.isEmpty() && !wanted.equals(found)) {
            throw resource.conflict(
                    key.name(),
                    "Precondition failed: " + what + " in precondition: " + wanted + ", " + what + " in object meta: "
                            + found);
        }
    }
}
