package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import java.util.ArrayList;
import java.util.List;

/** The verbs and subresources of a resource, as discovery tells them. */
final class Verbs {

    private static final List<String> ALL =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private Verbs() {}

    /** One subresource: its path segment, the kind it speaks, its verbs. */
    record Sub(String name, String group, String version, String kind, List<String> verbs) {}

    static List<String> of(Resource resource) {
        return resource.has(Resource.Trait.REVIEW) ? List.of("create") : ALL;
    }

    static List<Sub> subresources(Resource resource) {
        List<Sub> out = new ArrayList<>();
        List<String> change = List.of("get", "patch", "update");
        if (resource.has(Resource.Trait.STATUS)) {
            out.add(new Sub("status", resource.group(), resource.version(), resource.kind(), change));
        }
        if (resource.has(Resource.Trait.SCALE)) {
            out.add(new Sub("scale", "autoscaling", "v1", "Scale", change));
        }
        switch (resource.id().toString()) {
            case "pods" -> {
                out.add(new Sub("binding", "", "v1", "Binding", List.of("create")));
                out.add(new Sub("eviction", "policy", "v1", "Eviction", List.of("create")));
            }
            case "serviceaccounts" ->
                out.add(new Sub("token", "authentication.k8s.io", "v1", "TokenRequest", List.of("create")));
            case "namespaces" -> out.add(new Sub("finalize", "", "v1", "Namespace", List.of("update")));
            default -> {
                // No other subresources.
            }
        }
        return out;
    }

    static ArrayNode array(List<String> texts) {
        ArrayNode out = Json.array();
        texts.forEach(out::add);
        return out;
    }

    static void optional(ObjectNode into, String field, List<String> texts) {
        if (!texts.isEmpty()) {
            into.set(field, array(texts));
        }
    }
}
