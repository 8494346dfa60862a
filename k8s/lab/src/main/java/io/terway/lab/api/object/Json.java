package io.terway.lab.api.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The JSON trees of this server. A tree that has been stored is never changed: every write works on a copy. */
public final class Json {

    /** Deepest nesting accepted; a deeper document is refused rather than recursed into. */
    private static final int MAX_DEPTH = 200;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    static {
        MAPPER.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build());
    }

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads one document: JSON, or YAML when it does not begin like JSON.
     *
     * @throws Refusal BadRequest naming the position when the text is neither
     */
    public static JsonNode parse(byte[] text) {
        try {
            return looksLikeJson(text) ? read(MAPPER, text) : read(new ObjectMapper(new YAMLFactory()), text);
        } catch (JsonProcessingException e) {
            throw Refusal.badRequest("the object provided is unrecognized (must be of type JSON or YAML): "
                    + e.getOriginalMessage() + where(e));
        } catch (IOException e) {
            throw Refusal.badRequest("the body could not be read: " + e.getMessage());
        }
    }

    /** Like {@link #parse} where the document must be an object. */
    public static ObjectNode parseObject(byte[] text) {
        if (parse(text) instanceof ObjectNode object) {
            return object;
        }
        throw Refusal.badRequest("the body must be one JSON object");
    }

    /** The object at {@code field} of {@code parent}, made when absent or of another type. */
    public static ObjectNode child(ObjectNode parent, String field) {
        return parent.get(field) instanceof ObjectNode found ? found : parent.putObject(field);
    }

    /** The array at {@code field} of {@code parent}, made when absent or of another type. */
    public static ArrayNode list(ObjectNode parent, String field) {
        return parent.get(field) instanceof ArrayNode found ? found : parent.putArray(field);
    }

    /** The text at a path of field names; empty when any step is missing. */
    public static String text(JsonNode node, String... path) {
        return at(node, path).asText("");
    }

    /** The node at a path of field names; a missing node when any step is missing. */
    public static JsonNode at(JsonNode node, String... path) {
        JsonNode here = node;
        for (String field : path) {
            here = here.path(field);
        }
        return here;
    }

    private static JsonNode read(ObjectMapper mapper, byte[] text) throws IOException {
        JsonNode node = mapper.readTree(text);
        return node == null ? JsonNodeFactory.instance.missingNode() : node;
    }

    private static boolean looksLikeJson(byte[] text) {
        for (byte b : text) {
            if (!Character.isWhitespace(b)) {
                return b == '{' || b == '[' || b == '"';
            }
        }
        return true;
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }
}
