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
import java.util.Comparator;
import java.util.List;

/** Stores new objects. */
public final class Create {

    /** Events kept; the oldest tenth goes when there are more (upstream forgets them after an hour). */
    static final int MAX_EVENTS = 4_000;

    private static final int NAME_ATTEMPTS = 8;
    private static final int MAX_GENERATED_BASE = 58;

    private final Cluster cluster;

    public Create(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Stores {@code body} as a new object and answers it as stored.
     *
     * @param body the tree of the request, which this call may change
     * @param key the request's namespace, and its name when it has one (a PUT or apply that creates)
     * @param dryRun check everything, store nothing
     * @throws Refusal AlreadyExists, NotFound (namespace), Forbidden (namespace terminating), Invalid, BadRequest
     */
    public ObjectNode create(Resource resource, ObjectNode body, ObjectKey key, boolean dryRun) {
        Checks.envelope(resource, body, key);
        String name = named(resource, body, key.namespace());
        Checks.name(resource, name);
        ObjectKey full = new ObjectKey(key.namespace(), name);
        if (cluster.store().get(resource.id(), full).isPresent()) {
            throw Refusal.alreadyExists(resource.group(), resource.plural(), name);
        }
        namespace(resource, full);
        metadata(resource, body);
        if (resource.has(Resource.Trait.STATUS)) {
            Defaults.status(resource, body);
        }
        Defaults.fill(resource, body);
        if (resource.has(Resource.Trait.CUSTOM)) {
            Schema.fill(resource.schema(), body);
        }
        Checks.content(resource, body);
        admit(resource, body);
        return dryRun ? body : store(resource, full, body);
    }

    private ObjectNode store(Resource resource, ObjectKey key, ObjectNode body) {
        ObjectNode stored = cluster.store().put(resource.id(), key, body);
        if (resource.id().equals(Cluster.DEFINITIONS)) {
            cluster.resources().define(stored);
        } else if (resource.id().equals(Cluster.NAMESPACES)) {
            serviceAccount(key.name());
        } else if (resource.plural().equals("events")) {
            forgetEvents(resource);
        }
        return stored;
    }

    private void admit(Resource resource, ObjectNode body) {
        if (resource.id().equals(Cluster.SERVICES)) {
            cluster.addresses().assign(resource, body);
        } else if (resource.id().equals(Cluster.DEFINITIONS)) {
            if (cluster.resources().isFull()) {
                throw Refusal.tooMany("the server serves the most definitions it can; delete some");
            }
            Definition.establish(body, cluster.now());
        }
    }

    private String named(Resource resource, ObjectNode body, String namespace) {
        ObjectNode meta = Meta.of(body);
        String name = meta.path("name").asText("");
        String base = meta.path("generateName").asText("");
        if (!name.isEmpty()) {
            return name;
        }
        if (base.isEmpty()) {
            throw resource.invalid("", "metadata.name", "Required value: name or generateName is required");
        }
        String clipped = base.substring(0, Math.min(base.length(), MAX_GENERATED_BASE));
        for (int i = 0; i < NAME_ATTEMPTS; i++) {
            String candidate = clipped + cluster.ids().suffix();
            if (cluster.store()
                    .get(resource.id(), new ObjectKey(namespace, candidate))
                    .isEmpty()) {
                meta.put("name", candidate);
                return candidate;
            }
        }
        throw Refusal.alreadyExists(resource.group(), resource.plural(), base);
    }

    private void namespace(Resource resource, ObjectKey key) {
        if (!resource.namespaced()) {
            return;
        }
        ObjectNode namespace = cluster.store()
                .get(Cluster.NAMESPACES, new ObjectKey("", key.namespace()))
                .orElseThrow(() -> Refusal.notFound("", "namespaces", key.namespace()));
        if (Meta.deleting(namespace)) {
            String why =
                    "unable to create new content in namespace " + key.namespace() + " because it is being terminated";
            throw Refusal.forbidden(resource.group(), resource.plural(), key.name(), why)
                    .because("NamespaceTerminating", why, "metadata.namespace");
        }
    }

    private void metadata(Resource resource, ObjectNode body) {
        ObjectNode meta = Meta.of(body);
        if (meta.hasNonNull("resourceVersion")
                && !Meta.version(body).isEmpty()
                && !Meta.version(body).equals("0")) {
            throw Refusal.badRequest("resourceVersion should not be set on objects to be created");
        }
        meta.remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"));
        meta.put("uid", cluster.ids().uid());
        meta.put("creationTimestamp", Meta.time(cluster.now()));
        if (resource.has(Resource.Trait.GENERATION)) {
            meta.put("generation", 1);
        }
    }

    /** Every namespace has the account its pods run under by default. */
    private void serviceAccount(String namespace) {
        Resource accounts =
                cluster.resources().find("", "v1", "serviceaccounts").orElseThrow();
        ObjectNode account = Json.object();
        Meta.of(account).put("name", "default");
        create(accounts, account, new ObjectKey(namespace, ""), false);
    }

    private void forgetEvents(Resource events) {
        var all = cluster.store().all(events.id());
        if (all.size() <= MAX_EVENTS) {
            return;
        }
        Comparator<ObjectKey> byAge = Comparator.comparingLong(key -> version(all.get(key)));
        List<ObjectKey> oldest =
                all.keySet().stream().sorted(byAge).limit(MAX_EVENTS / 10).toList();
        oldest.forEach(key -> cluster.store().remove(events.id(), key));
    }

    private static long version(JsonNode object) {
        return Long.parseLong(Meta.version(object));
    }
}
