package io.terway.lab.api.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;

/** The types and rules of object metadata, checked on every write before anything is stored. */
public final class MetaCheck {

    /** The sum of keys and values of annotations, as upstream limits it. */
    private static final int MAX_ANNOTATIONS = 256 * 1024;

    private MetaCheck() {}

    /**
     * Refuses metadata of the wrong types (400) or against the rules (422), and drops nulls from the maps.
     *
     * @param group group of the kind, for the message
     */
    public static void check(ObjectNode object, String group, String kind) {
        JsonNode found = object.get("metadata");
        if (found == null || found.isNull()) {
            object.putObject("metadata");
        } else if (!found.isObject()) {
            throw mistyped("metadata", found, "object");
        }
        ObjectNode meta = Meta.of(object);
        for (String field : new String[] {"name", "generateName", "namespace", "uid", "resourceVersion"}) {
            text(meta, field);
        }
        map(meta, "labels");
        map(meta, "annotations");
        array(meta, "managedFields", true);
        array(meta, "finalizers", false);
        array(meta, "ownerReferences", true);
        rules(meta, group, kind);
    }

    private static void rules(ObjectNode meta, String group, String kind) {
        String name = meta.path("name").asText("");
        Names.brokenLabels(meta.path("labels")).ifPresent(why -> {
            throw Refusal.invalid(group, kind, name, "metadata.labels", "Invalid value: " + why);
        });
        int size = 0;
        for (Map.Entry<String, JsonNode> entry : meta.path("annotations").properties()) {
            size += entry.getKey().length() + entry.getValue().asText().length();
            if (!Names.qualified(entry.getKey())) {
                throw Refusal.invalid(
                        group, kind, name, "metadata.annotations", "Invalid value: \"" + entry.getKey() + "\"");
            }
        }
        if (size > MAX_ANNOTATIONS) {
            throw Refusal.invalid(
                    group, kind, name, "metadata.annotations", "Too long: may not be more than 262144 bytes");
        }
        for (JsonNode owner : meta.path("ownerReferences")) {
            for (String field : new String[] {"apiVersion", "kind", "name", "uid"}) {
                if (owner.path(field).asText("").isEmpty()) {
                    throw Refusal.invalid(group, kind, name, "metadata.ownerReferences." + field, "Required value");
                }
            }
        }
    }

    private static void text(ObjectNode meta, String field) {
        JsonNode value = meta.get(field);
        if (value == null) {
            return;
        }
        if (value.isNull()) {
            meta.remove(field);
        } else if (!value.isTextual()) {
            throw mistyped("metadata." + field, value, "string");
        }
    }

    private static void map(ObjectNode meta, String field) {
        JsonNode value = meta.get(field);
        if (value == null) {
            return;
        }
        if (value.isNull() || value.isObject() && value.isEmpty()) {
            meta.remove(field);
            return;
        }
        if (!value.isObject()) {
            throw mistyped("metadata." + field, value, "map of strings");
        }
        for (Iterator<JsonNode> it = value.iterator(); it.hasNext(); ) {
            JsonNode entry = it.next();
            if (entry.isNull()) {
                it.remove();
            } else if (!entry.isTextual()) {
                throw mistyped("metadata." + field, entry, "string");
            }
        }
    }

    private static void array(ObjectNode meta, String field, boolean ofObjects) {
        JsonNode value = meta.get(field);
        if (value == null) {
            return;
        }
        if (value.isNull() || value.isArray() && value.isEmpty()) {
            meta.remove(field);
            return;
        }
        if (!value.isArray()) {
            throw mistyped("metadata." + field, value, "list");
        }
        for (JsonNode item : value) {
            if (ofObjects ? !item.isObject() : !item.isTextual()) {
                throw mistyped("metadata." + field, item, ofObjects ? "object" : "string");
            }
        }
    }

    private static Refusal mistyped(String field, JsonNode value, String wanted) {
        return Refusal.badRequest("json: cannot unmarshal "
                + value.getNodeType().name().toLowerCase(java.util.Locale.ROOT) + " into field " + field + " of type "
                + wanted);
    }
}
