package io.terway.lab.api.kind;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The part of a custom resource's schema that is enforced: defaults, types, required, enum, ranges, lengths, pattern. */
public final class Schema {

    private Schema() {}

    /**
     * A broken rule.
     *
     * @param field path of the value, as {@code spec.items[0].name}
     */
    public record Broken(String field, String why) {}

    /** Fills the schema's defaults into {@code value}, in place. */
    public static void fill(JsonNode schema, JsonNode value) {
        if (value instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> property :
                    schema.path("properties").properties()) {
                JsonNode fallback = property.getValue().get("default");
                if (fallback != null && !object.has(property.getKey())) {
                    object.set(property.getKey(), fallback.deepCopy());
                }
                if (object.has(property.getKey())) {
                    fill(property.getValue(), object.get(property.getKey()));
                }
            }
            JsonNode extra = schema.path("additionalProperties");
            if (extra.isObject()) {
                object.forEach(item -> fill(extra, item));
            }
        } else if (value instanceof ArrayNode array) {
            array.forEach(item -> fill(schema.path("items"), item));
        }
    }

    /** The first rule {@code value} breaks. The root's metadata, apiVersion and kind are checked elsewhere. */
    public static Optional<Broken> check(JsonNode schema, JsonNode value) {
        return object(schema, value, "", true);
    }

    private static Optional<Broken> check(JsonNode schema, JsonNode value, String path) {
        if (value.isNull()) {
            return schema.path("nullable").asBoolean() || schema.isMissingNode() || !schema.has("type")
                    ? Optional.empty()
                    : broken(
                            path,
                            "Invalid value: \"null\": must be of type "
                                    + schema.path("type").asText());
        }
        Optional<Broken> here = type(schema, value, path).or(() -> scalar(schema, value, path));
        if (here.isPresent()) {
            return here;
        }
        return value.isObject()
                ? object(schema, value, path, false)
                : value.isArray() ? items(schema, value, path) : here;
    }

    private static Optional<Broken> object(JsonNode schema, JsonNode value, String path, boolean root) {
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asText())) {
                return broken(join(path, required.asText()), "Required value");
            }
        }
        JsonNode extra = schema.path("additionalProperties");
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            boolean envelope = root
                    && (entry.getKey().equals("metadata")
                            || entry.getKey().equals("apiVersion")
                            || entry.getKey().equals("kind"));
            JsonNode property = schema.path("properties").path(entry.getKey());
            JsonNode rule = property.isMissingNode() ? extra : property;
            if (!envelope && rule.isObject()) {
                Optional<Broken> below = check(rule, entry.getValue(), join(path, entry.getKey()));
                if (below.isPresent()) {
                    return below;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Broken> items(JsonNode schema, JsonNode value, String path) {
        if (schema.has("minItems") && value.size() < schema.get("minItems").asInt()) {
            return broken(
                    path,
                    "Invalid value: " + value.size() + ": must have at least " + schema.get("minItems") + " items");
        }
        if (schema.has("maxItems") && value.size() > schema.get("maxItems").asInt()) {
            return broken(
                    path, "Too many: " + value.size() + ": must have at most " + schema.get("maxItems") + " items");
        }
        for (int i = 0; i < value.size(); i++) {
            Optional<Broken> below = check(schema.path("items"), value.get(i), path + "[" + i + "]");
            if (below.isPresent()) {
                return below;
            }
        }
        return Optional.empty();
    }

    private static Optional<Broken> type(JsonNode schema, JsonNode value, String path) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return value.isIntegralNumber() || value.isTextual()
                    ? Optional.empty()
                    : broken(path, "Invalid value: must be of type integer or string");
        }
        String type = schema.path("type").asText("");
        boolean fits = switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            default -> true;
        };
        return fits
                ? Optional.empty()
                : broken(
                        path,
                        "Invalid value: \"" + value.getNodeType().name().toLowerCase(java.util.Locale.ROOT) + "\": "
                                + path + " in body must be of type " + type + ": " + clip(value));
    }

    private static Optional<Broken> scalar(JsonNode schema, JsonNode value, String path) {
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            return broken(path, "Unsupported value: " + clip(value) + ": supported values: " + schema.get("enum"));
        }
        if (value.isNumber()) {
            double number = value.asDouble();
            if (schema.has("minimum") && number < schema.get("minimum").asDouble()) {
                return broken(
                        path,
                        "Invalid value: " + value + ": should be greater than or equal to " + schema.get("minimum"));
            }
            if (schema.has("maximum") && number > schema.get("maximum").asDouble()) {
                return broken(
                        path, "Invalid value: " + value + ": should be less than or equal to " + schema.get("maximum"));
            }
        }
        return value.isTextual() ? text(schema, value.asText(), path) : Optional.empty();
    }

    private static Optional<Broken> text(JsonNode schema, String value, String path) {
        if (schema.has("minLength") && value.length() < schema.get("minLength").asInt()) {
            return broken(
                    path,
                    "Invalid value: \"" + value + "\": should be at least " + schema.get("minLength") + " chars long");
        }
        if (schema.has("maxLength") && value.length() > schema.get("maxLength").asInt()) {
            return broken(path, "Too long: may not be more than " + schema.get("maxLength") + " chars");
        }
        if (schema.has("pattern") && !matches(schema.get("pattern").asText(), value)) {
            return broken(
                    path,
                    "Invalid value: \"" + value + "\": should match '"
                            + schema.get("pattern").asText() + "'");
        }
        return Optional.empty();
    }

    /** Patterns are RE2 upstream; one that this platform's engine cannot read is not enforced. */
    private static boolean matches(String pattern, String value) {
        try {
            return Pattern.compile(pattern).matcher(value).find();
        } catch (PatternSyntaxException e) {
            return true;
        }
    }

    private static boolean contains(JsonNode values, JsonNode value) {
        for (JsonNode candidate : values) {
            if (candidate.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Broken> broken(String path, String why) {
        return Optional.of(new Broken(path, why));
    }

    private static String join(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static String clip(JsonNode value) {
        String text = value.toString();
        return text.length() <= 120 ? text : text.substring(0, 120) + "...";
    }
}
