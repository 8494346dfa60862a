package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Definition;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Schema;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;
import java.util.List;
import java.util.Optional;

/** Changes stored objects, by replacement or by patch. */
public final class Update {

    private static final String MODIFIED =
            "the object has been modified; please apply your changes to the latest version and try again";

    private final Cluster cluster;
    private final Create create;
    private final Delete delete;

    public Update(Cluster cluster, Create create, Delete delete) {
        this.cluster = cluster;
        this.create = create;
        this.delete = delete;
    }

    /** Which object a change is for, and which part of it. */
    public record Target(Resource resource, ObjectKey key, boolean status, boolean dryRun) {}

    /**
     * An object after a change.
     *
     * @param created true when it did not exist before
     */
    public record Result(ObjectNode object, boolean created) {}

    /**
     * Replaces the object by {@code body}, which this call may change.
     *
     * @throws Refusal NotFound, Conflict (resourceVersion or uid), Invalid, BadRequest
     */
    public Result replace(Target target, ObjectNode body) {
        Resource resource = target.resource();
        Checks.envelope(resource, body, target.key());
        Optional<ObjectNode> stored = cluster.store().get(resource.id(), target.key());
        if (stored.isEmpty()
                && resource.has(Resource.Trait.UPSERT)
                && Meta.version(body).isEmpty()) {
            return new Result(create.create(resource, body, target.key(), target.dryRun()), true);
        }
        ObjectNode before =
                stored.orElseThrow(() -> resource.notFound(target.key().name()));
        if (Meta.version(body).isEmpty() && resource.has(Resource.Trait.CONDITIONAL)) {
            throw resource.invalid(
                    target.key().name(),
                    "metadata.resourceVersion",
                    "Invalid value: 0x0: must be specified for an update");
        }
        return new Result(change(target, before, body), false);
    }

    /**
     * Changes the object by a patch, or creates it when the patch is an apply.
     *
     * @throws Refusal NotFound, Conflict, Invalid, BadRequest, UnsupportedMediaType
     */
    public Result patch(Target target, Patch patch) {
        Resource resource = target.resource();
        Optional<ObjectNode> stored = cluster.store().get(resource.id(), target.key());
        if (stored.isEmpty() && patch instanceof Patch.Apply apply && !target.status()) {
            ObjectNode fresh =
                    Json.object().put("apiVersion", resource.apiVersion()).put("kind", resource.kind());
            Meta.of(fresh);
            ObjectNode body = apply.on(fresh, resource, target.key().name(), cluster.now());
            return new Result(create.create(resource, body, target.key(), target.dryRun()), true);
        }
        ObjectNode before =
                stored.orElseThrow(() -> resource.notFound(target.key().name()));
        ObjectNode after =
                patch.on(resource.show(before), resource, target.key().name(), cluster.now());
        Checks.envelope(resource, after, target.key());
        return new Result(change(target, before, after), false);
    }

    private ObjectNode change(Target target, ObjectNode before, ObjectNode body) {
        Resource resource = target.resource();
        same(target, Meta.version(body), Meta.version(before), MODIFIED);
        same(
                target,
                Meta.uid(body),
                Meta.uid(before),
                "Precondition failed: UID in precondition: " + Meta.uid(body) + ", UID in object meta: "
                        + Meta.uid(before));
        ObjectNode after = target.status() ? status(resource, before, body) : main(resource, before, body);
        keepIdentity(before, after);
        Defaults.fill(resource, after);
        if (resource.has(Resource.Trait.CUSTOM)) {
            Schema.fill(resource.schema(), after);
        }
        Rules.change(resource, before, after);
        Checks.content(resource, after);
        if (resource.has(Resource.Trait.GENERATION) && !desired(before).equals(desired(after))) {
            Meta.of(after)
                    .put("generation", Json.at(before, "metadata", "generation").asLong() + 1);
        }
        if (resource.id().equals(Cluster.DEFINITIONS)) {
            Definition.establish(after, cluster.now());
        }
        if (target.dryRun() || timeless(before).equals(timeless(after))) {
            return target.dryRun() ? after : before;
        }
        return store(target, after);
    }

    private ObjectNode store(Target target, ObjectNode after) {
        Resource resource = target.resource();
        ObjectNode stored = cluster.store().put(resource.id(), target.key(), after);
        if (resource.id().equals(Cluster.DEFINITIONS)) {
            cluster.resources().define(stored);
        }
        delete.finishIfReady(resource.id(), target.key());
        return stored;
    }

    /** Everything but the status, where that has a subresource of its own. */
    private static ObjectNode main(Resource resource, ObjectNode before, ObjectNode body) {
        if (resource.has(Resource.Trait.STATUS)) {
            body.remove("status");
            if (before.has("status")) {
                body.set("status", before.get("status").deepCopy());
            }
        }
        return body;
    }

    /** Only the status; labels and annotations too for built-in kinds, as kubelets set them there. */
    private static ObjectNode status(Resource resource, ObjectNode before, ObjectNode body) {
        ObjectNode after = resource.show(before).deepCopy();
        after.remove("status");
        if (body.hasNonNull("status")) {
            after.set("status", body.get("status"));
        }
        if (!resource.has(Resource.Trait.CUSTOM)) {
            for (String field : new String[] {"labels", "annotations"}) {
                move(Meta.of(body), Meta.of(after), field);
            }
        }
        move(Meta.of(body), Meta.of(after), "managedFields");
        return after;
    }

    private static void keepIdentity(ObjectNode before, ObjectNode after) {
        ObjectNode from = Meta.of(before);
        ObjectNode to = Meta.of(after);
        for (String field : List.of(
                "uid",
                "creationTimestamp",
                "generation",
                "generateName",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
                "resourceVersion")) {
            move(from, to, field);
        }
        if (!to.has("managedFields")) {
            move(from, to, "managedFields");
        }
    }

    private static void move(ObjectNode from, ObjectNode to, String field) {
        if (from.has(field)) {
            to.set(field, from.get(field).deepCopy());
        } else {
            to.remove(field);
        }
    }

    private static void same(Target target, String asked, String found, String why) {
        if (!asked.isEmpty() && !asked.equals("0") && !asked.equals(found)) {
            throw target.resource().conflict(target.key().name(), why);
        }
    }

    /** What generation counts: all but metadata and status. */
    private static JsonNode desired(ObjectNode object) {
        ObjectNode copy = object.objectNode();
        copy.setAll(object);
        return copy.without(List.of("metadata", "status", "apiVersion"));
    }

    /** The object without the times of managedFields: an apply that changes nothing writes nothing. */
    private static ObjectNode timeless(ObjectNode object) {
        if (!Json.at(object, "metadata").has("managedFields")) {
            return object;
        }
        ObjectNode copy = object.deepCopy();
        Json.at(copy, "metadata", "managedFields").forEach(entry -> ((ObjectNode) entry).remove("time"));
        return copy;
    }
}
