package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import java.util.List;

/** What may not change once stored. */
final class Rules {

    /** Pod spec fields that may change after creation; in containers, the image may too. */
    private static final List<String> MUTABLE_POD =
            List.of("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates");

    private Rules() {}

    /** Refuses a forbidden change with Invalid; fills what a Service may leave out of an update. */
    static void change(Resource resource, ObjectNode before, ObjectNode after) {
        if (Meta.deleting(before) && !Meta.finalizers(before).containsAll(Meta.finalizers(after))) {
            throw resource.invalid(
                    Meta.name(after),
                    "metadata.finalizers",
                    "Forbidden: no new finalizers can be added if the object is being deleted");
        }
        switch (resource.id().toString()) {
            case "pods" -> pod(resource, before, after);
            case "services" -> service(resource, before, after);
            case "configmaps", "secrets" -> data(resource, before, after);
            default -> {
                // Nothing else is immutable here.
            }
        }
    }

    private static void pod(Resource resource, ObjectNode before, ObjectNode after) {
        if (!fixed(before).equals(fixed(after))) {
            throw resource.invalid(
                    Meta.name(after),
                    "spec",
                    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
                            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`,"
                            + "`spec.terminationGracePeriodSeconds`");
        }
    }

    private static JsonNode fixed(ObjectNode pod) {
        ObjectNode spec = pod.path("spec").deepCopy();
        spec.remove(MUTABLE_POD);
        for (String list : new String[] {"containers", "initContainers"}) {
            for (JsonNode container : spec.path(list)) {
                if (container instanceof ObjectNode fields) {
                    fields.remove(List.of("image", "imagePullPolicy"));
                }
            }
        }
        return spec;
    }

    private static void service(Resource resource, ObjectNode before, ObjectNode after) {
        ObjectNode spec = Json.child(after, "spec");
        for (String field : new String[] {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
            JsonNode kept = before.path("spec").get(field);
            if (kept != null
                    && (!spec.has(field)
                            || spec.get(field).asText("").isEmpty()
                                    && !spec.get(field).isArray())) {
                spec.set(field, kept.deepCopy());
            }
        }
        String address = Json.text(before, "spec", "clusterIP");
        if (!address.isEmpty() && !spec.path("clusterIP").asText().equals(address)) {
            throw resource.invalid(
                    Meta.name(after),
                    "spec.clusterIP",
                    "Invalid value: \"" + spec.path("clusterIP").asText() + "\": field is immutable");
        }
    }

    private static void data(Resource resource, ObjectNode before, ObjectNode after) {
        if (before.path("immutable").asBoolean() && !before.path("data").equals(after.path("data"))) {
            throw resource.invalid(Meta.name(after), "data", "Forbidden: field is immutable when `immutable` is set");
        }
    }
}
