package io.terway.lab.api.patch;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;

/** JSON patch, RFC 6902. */
public final class JsonPatch {

    /** Operations one patch may have, as upstream limits it. */
    static final int MAX_OPERATIONS = 10_000;

    private JsonPatch() {}

    /**
     * Applies the operations to a copy of {@code target}.
     *
     * @throws Refusal BadRequest when the patch is malformed; Invalid (422) when it does not fit the object
     */
    public static ObjectNode apply(ObjectNode target, JsonNode patch, String name) {
        if (!patch.isArray() || patch.size() > MAX_OPERATIONS) {
            throw Refusal.badRequest("a JSON patch is an array of at most " + MAX_OPERATIONS + " operations");
        }
        ObjectNode root = Json.object().set("root", target.deepCopy());
        for (JsonNode operation : patch) {
            try {
                step(root, operation);
            } catch (IllegalArgumentException e) {
                throw Refusal.invalid("", "", name, "patch", e.getMessage() + ": " + operation);
            }
        }
        if (root.get("root") instanceof ObjectNode result) {
            return result;
        }
        throw Refusal.badRequest("the patch leaves no object");
    }

    private static void step(ObjectNode root, JsonNode operation) {
        JsonPointer path = pointer(operation, "path");
        switch (operation.path("op").asText()) {
            case "add" -> add(root, path, value(operation));
            case "remove" -> remove(root, path);
            case "replace" -> {
                remove(root, path);
                add(root, path, value(operation));
            }
            case "move" -> {
                JsonNode moved = found(root, pointer(operation, "from"));
                remove(root, pointer(operation, "from"));
                add(root, path, moved);
            }
            case "copy" ->
                add(root, path, found(root, pointer(operation, "from")).deepCopy());
            case "test" -> {
                if (!found(root, path).equals(value(operation))) {
                    throw new IllegalArgumentException("testing path " + operation.path("path") + " value failed");
                }
            }
            default -> throw new IllegalArgumentException("unknown operation");
        }
    }

    private static void add(ObjectNode root, JsonPointer path, JsonNode value) {
        JsonNode parent = found(root, path.head());
        String last = path.last().getMatchingProperty();
        switch (parent) {
            case ObjectNode object -> object.set(last, value);
            case ArrayNode array when last.equals("-") -> array.add(value);
            case ArrayNode array -> array.insert(index(last, array.size()), value);
            default -> throw new IllegalArgumentException("the parent of the path is neither object nor list");
        }
    }

    private static void remove(ObjectNode root, JsonPointer path) {
        found(root, path);
        String last = path.last().getMatchingProperty();
        switch (found(root, path.head())) {
            case ObjectNode object -> object.remove(last);
            case ArrayNode array -> array.remove(index(last, array.size() - 1));
            default -> throw new IllegalArgumentException("the parent of the path is neither object nor list");
        }
    }

    private static JsonNode found(ObjectNode root, JsonPointer path) {
        JsonNode node = root.at(path);
        if (node.isMissingNode()) {
            throw new IllegalArgumentException("the path does not exist");
        }
        return node;
    }

    private static JsonNode value(JsonNode operation) {
        JsonNode value = operation.get("value");
        if (value == null) {
            throw new IllegalArgumentException("the operation has no value");
        }
        return value.deepCopy();
    }

    /** Everything is one level down, so that the document itself has a parent to be replaced in. */
    private static JsonPointer pointer(JsonNode operation, String field) {
        if (!operation.path(field).isTextual()) {
            throw new IllegalArgumentException("the operation has no " + field);
        }
        String text = operation.path(field).asText();
        if (!text.isEmpty() && !text.startsWith("/")) {
            throw new IllegalArgumentException("a path begins with /");
        }
        return JsonPointer.compile("/root" + text);
    }

    private static int index(String text, int max) {
        if (!text.matches("0|[1-9][0-9]{0,8}") || Integer.parseInt(text) > max) {
            throw new IllegalArgumentException("index " + text + " is not in 0.." + max);
        }
        return Integer.parseInt(text);
    }
}
