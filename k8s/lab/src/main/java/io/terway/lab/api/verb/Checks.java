package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Definition;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Schema;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.MetaCheck;
import io.terway.lab.api.object.Names;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;

/** What every object must satisfy before it is stored. */
final class Checks {

    private Checks() {}

    /**
     * The envelope: apiVersion and kind are those of the resource, metadata is well typed, the namespace is the request's.
     *
     * @param key the request's key; an empty name accepts any
     */
    static void envelope(Resource resource, ObjectNode object, ObjectKey key) {
        String apiVersion = object.path("apiVersion").asText("");
        String kind = object.path("kind").asText("");
        if (apiVersion.isEmpty() && kind.isEmpty()) {
            object.put("apiVersion", resource.apiVersion()).put("kind", resource.kind());
        } else if (!apiVersion.equals(resource.apiVersion()) || !kind.equals(resource.kind())) {
            throw Refusal.badRequest(
                    resource.kind() + " in version \"" + resource.version() + "\" cannot be handled: the body is "
                            + apiVersion + ", Kind=" + kind + ", the resource is " + resource.apiVersion() + ", Kind="
                            + resource.kind());
        }
        MetaCheck.check(object, resource.group(), resource.kind());
        for (String part : resource.has(Resource.Trait.CUSTOM) ? new String[0] : new String[] {"spec", "status"}) {
            if (object.hasNonNull(part) && !object.get(part).isObject()) {
                throw Refusal.badRequest(resource.kind() + " in version \"" + resource.version()
                        + "\" cannot be handled: " + part + " must be an object");
            }
        }
        ObjectNode meta = Meta.of(object);
        String namespace = Meta.namespace(object);
        if (!resource.namespaced()) {
            meta.remove("namespace");
        } else if (!namespace.isEmpty() && !namespace.equals(key.namespace())) {
            throw Refusal.badRequest("the namespace of the provided object does not match the namespace sent on the"
                    + " request: " + namespace + " and " + key.namespace());
        } else {
            meta.put("namespace", key.namespace());
        }
        String name = Meta.name(object);
        if (!key.name().isEmpty() && !name.isEmpty() && !name.equals(key.name())) {
            throw Refusal.badRequest(
                    "the name of the object (" + name + ") does not match the name on the URL (" + key.name() + ")");
        }
        if (!key.name().isEmpty()) {
            meta.put("name", key.name());
        }
    }

    /** The name rule of the resource. */
    static void name(Resource resource, String name) {
        Names.broken(rule(resource), name).ifPresent(why -> {
            throw resource.invalid(name, "metadata.name", "Invalid value: \"" + name + "\": " + why);
        });
    }

    /** The kind's own rules. */
    static void content(Resource resource, ObjectNode object) {
        if (resource.has(Resource.Trait.CUSTOM)) {
            Schema.check(resource.schema(), object).ifPresent(broken -> {
                throw resource.invalid(Meta.name(object), broken.field(), broken.why());
            });
            return;
        }
        switch (resource.id().toString()) {
            case "pods" -> pod(resource, object);
            case "services" -> service(resource, object);
            case "customresourcedefinitions.apiextensions.k8s.io" -> Definition.check(object);
            case "configmaps", "secrets" -> texts(resource, object);
            default -> {
                // Stored as they come: no part of the project reads them through a typed rule.
            }
        }
    }

    private static void pod(Resource resource, ObjectNode pod) {
        JsonNode containers = pod.path("spec").path("containers");
        if (!containers.isArray() || containers.isEmpty()) {
            throw resource.invalid(Meta.name(pod), "spec.containers", "Required value");
        }
        for (int i = 0; i < containers.size(); i++) {
            String name = containers.get(i).path("name").asText("");
            String field = "spec.containers[" + i + "]";
            Names.broken(Names.Rule.LABEL, name).ifPresent(why -> {
                throw resource.invalid(Meta.name(pod), field + ".name", "Invalid value: \"" + name + "\": " + why);
            });
            if (containers.get(i).path("image").asText("").isEmpty()) {
                throw resource.invalid(Meta.name(pod), field + ".image", "Required value");
            }
        }
    }

    private static void service(Resource resource, ObjectNode service) {
        for (JsonNode port : service.path("spec").path("ports")) {
            int number = port.isObject() ? port.path("port").asInt() : 0;
            if (number < 1 || number > 65_535) {
                throw resource.invalid(
                        Meta.name(service),
                        "spec.ports.port",
                        "Invalid value: " + port.path("port") + ": must be between 1 and 65535, inclusive");
            }
        }
    }

    private static void texts(Resource resource, ObjectNode object) {
        for (JsonNode value : object.path("data")) {
            if (!value.isTextual()) {
                throw Refusal.badRequest(resource.kind() + " in version \"v1\" cannot be handled as a "
                        + resource.kind() + ": json: cannot unmarshal " + value + " into field data of type string");
            }
        }
    }

    private static Names.Rule rule(Resource resource) {
        if (resource.group().equals("rbac.authorization.k8s.io")) {
            return Names.Rule.PATH_SEGMENT;
        }
        return switch (resource.id().toString()) {
            case "namespaces" -> Names.Rule.LABEL;
            case "services" -> Names.Rule.LABEL_1035;
            default -> Names.Rule.SUBDOMAIN;
        };
    }
}
