package io.terway.lab.api.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Strategic merge patch: a merge patch that knows which lists are maps or sets, with the $ directives. */
public final class StrategicMerge {

    private static final String PATCH = "$patch";
    private static final String RETAIN = "$retainKeys";
    private static final String DELETE_VALUES = "$deleteFromPrimitiveList/";
    private static final String ORDER = "$setElementOrder/";

    private StrategicMerge() {}

    /**
     * Applies {@code patch} to {@code target} in place.
     *
     * @throws Refusal BadRequest when a list element lacks its merge key
     */
    public static void apply(ObjectNode target, ObjectNode patch) {
        merge(target, patch, "root");
    }

    private static void merge(ObjectNode target, ObjectNode patch, String name) {
        if (patch.path(PATCH).asText().equals("replace")) {
            target.removeAll();
        }
        if (patch.path(RETAIN) instanceof ArrayNode retained) {
            List<String> keep = new ArrayList<>();
            retained.forEach(key -> keep.add(key.asText()));
            target.retain(keep);
        }
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            String field = entry.getKey();
            if (field.startsWith(DELETE_VALUES)) {
                removeValues(target, field.substring(DELETE_VALUES.length()), entry.getValue());
            } else if (!field.startsWith("$")) {
                set(target, field, entry.getValue(), name);
            }
        }
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            if (entry.getKey().startsWith(ORDER)) {
                String field = entry.getKey().substring(ORDER.length());
                ListOrder.apply(target.path(field), entry.getValue(), ListKeys.of(name, field));
            }
        }
    }

    private static void set(ObjectNode target, String field, JsonNode change, String parent) {
        switch (change) {
            case ObjectNode object when object.path(PATCH).asText().equals("delete") -> target.remove(field);
            case ObjectNode object -> merge(Json.child(target, field), object, field);
            case ArrayNode array -> list(target, field, array, ListKeys.of(parent, field));
            case JsonNode absent when absent.isNull() -> target.remove(field);
            default -> target.set(field, change);
        }
    }

    private static void list(ObjectNode target, String field, ArrayNode change, ListKeys.Merge how) {
        ArrayNode into = Json.list(target, field);
        switch (how) {
            case ListKeys.Merge.Atomic atomic -> target.set(field, change.deepCopy());
            case ListKeys.Merge.Values values ->
                change.forEach(value -> {
                    if (!has(into, value)) {
                        into.add(value);
                    }
                });
            case ListKeys.Merge.Keyed keyed -> {
                if (has(change, Json.object().put(PATCH, "replace"))) {
                    into.removeAll();
                }
                change.forEach(item -> element(into, item, field, keyed.first()));
            }
        }
    }

    private static void element(ArrayNode into, JsonNode item, String field, String key) {
        String directive = item.path(PATCH).asText();
        if (directive.equals("replace") && !item.has(key)) {
            return;
        }
        if (!(item instanceof ObjectNode change) || !change.hasNonNull(key)) {
            throw Refusal.badRequest("map: " + item + " does not contain declared merge key: " + key);
        }
        for (int i = 0; i < into.size(); i++) {
            if (into.get(i) instanceof ObjectNode found && found.path(key).equals(change.get(key))) {
                if (directive.equals("delete")) {
                    into.remove(i);
                } else {
                    merge(found, change, field);
                }
                return;
            }
        }
        if (!directive.equals("delete")) {
            ObjectNode added = into.addObject();
            merge(added, change, field);
        }
    }

    private static void removeValues(ObjectNode target, String field, JsonNode values) {
        if (target.path(field) instanceof ArrayNode from) {
            for (int i = from.size() - 1; i >= 0; i--) {
                if (has(values, from.get(i))) {
                    from.remove(i);
                }
            }
        }
    }

    private static boolean has(JsonNode array, JsonNode value) {
        for (JsonNode item : array) {
            if (item.equals(value)) {
                return true;
            }
        }
        return false;
    }
}
