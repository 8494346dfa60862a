package io.terway.lab.api.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import java.util.Map;

/** The FieldsV1 form of managedFields: which fields a manager applied, and removing those it no longer applies. */
final class FieldSet {

    private FieldSet() {}

    /** The fields {@code applied} sets, below the identity of the object. */
    static ObjectNode of(ObjectNode applied) {
        ObjectNode copy = applied.deepCopy();
        copy.remove("apiVersion");
        copy.remove("kind");
        if (copy.path("metadata") instanceof ObjectNode meta) {
            for (String field : new String[] {"name", "namespace", "uid", "resourceVersion", "managedFields"}) {
                meta.remove(field);
            }
            if (meta.isEmpty()) {
                copy.remove("metadata");
            }
        }
        return fields(copy, "root");
    }

    private static ObjectNode fields(ObjectNode object, String name) {
        ObjectNode out = Json.object();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            out.set("f:" + entry.getKey(), value(entry.getValue(), name, entry.getKey()));
        }
        return out;
    }

    private static ObjectNode value(JsonNode value, String parent, String field) {
        return switch (value) {
            case ObjectNode object -> fields(object, field);
            case ArrayNode array -> list(array, field, ListKeys.of(parent, field));
            default -> Json.object();
        };
    }

    private static ObjectNode list(ArrayNode array, String field, ListKeys.Merge how) {
        ObjectNode out = Json.object();
        for (JsonNode item : array) {
            switch (how) {
                case ListKeys.Merge.Atomic atomic -> {}
                case ListKeys.Merge.Values values -> out.set("v:" + item, Json.object());
                case ListKeys.Merge.Keyed keyed -> {
                    if (item instanceof ObjectNode object) {
                        ObjectNode below = fields(object, field);
                        below.set(".", Json.object());
                        out.set("k:" + key(object, keyed), below);
                    }
                }
            }
        }
        return out;
    }

    private static ObjectNode key(ObjectNode item, ListKeys.Merge.Keyed keyed) {
        ObjectNode key = Json.object();
        for (String field : keyed.keys()) {
            if (item.has(field)) {
                key.set(field, item.get(field));
            }
        }
        return key;
    }

    /** Removes from {@code live} what {@code before} holds and {@code now} does not, in place. */
    static void prune(ObjectNode live, JsonNode before, JsonNode now) {
        for (Map.Entry<String, JsonNode> entry : before.properties()) {
            if (!entry.getKey().startsWith("f:")) {
                continue;
            }
            String field = entry.getKey().substring(2);
            JsonNode still = now.path(entry.getKey());
            JsonNode value = live.path(field);
            if (value instanceof ObjectNode object && !entry.getValue().isEmpty()) {
                prune(object, entry.getValue(), still);
                if (object.isEmpty() && still.isMissingNode()) {
                    live.remove(field);
                }
            } else if (value instanceof ArrayNode array && !entry.getValue().isEmpty()) {
                pruneList(array, entry.getValue(), still);
                if (array.isEmpty() && still.isMissingNode()) {
                    live.remove(field);
                }
            } else if (still.isMissingNode()) {
                live.remove(field);
            }
        }
    }

    private static void pruneList(ArrayNode live, JsonNode before, JsonNode now) {
        for (int i = live.size() - 1; i >= 0; i--) {
            for (Map.Entry<String, JsonNode> entry : before.properties()) {
                if (matches(live.get(i), entry.getKey())) {
                    JsonNode still = now.path(entry.getKey());
                    if (still.isMissingNode()) {
                        live.remove(i);
                    } else if (live.get(i) instanceof ObjectNode object) {
                        prune(object, entry.getValue(), still);
                    }
                    break;
                }
            }
        }
    }

    private static boolean matches(JsonNode item, String path) {
        if (path.startsWith("v:")) {
            return item.toString().equals(path.substring(2));
        }
        if (!path.startsWith("k:")) {
            return false;
        }
        JsonNode key = Json.parse(path.substring(2).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (Map.Entry<String, JsonNode> field : key.properties()) {
            if (!item.path(field.getKey()).equals(field.getValue())) {
                return false;
            }
        }
        return true;
    }
}
