package io.terway.lab.api.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/** Turns a Kubernetes protobuf body into the JSON tree of the same object. */
public final class Protobuf {

    /** The media type of such bodies. */
    public static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

    private static final int MAGIC = 0x6b38_7300; // "k8s" and a zero byte
    private static final int MAX_DEPTH = 32;

    private Protobuf() {}

    /**
     * Reads an enveloped object.
     *
     * @throws Refusal UnsupportedMediaType for a kind or field this reader lacks, BadRequest for bytes that are no envelope
     */
    public static ObjectNode parse(byte[] body) {
        try {
            ByteBuffer in = ByteBuffer.wrap(body);
            if (in.remaining() < Integer.BYTES || in.getInt() != MAGIC) {
                throw Refusal.badRequest(
                        "the body is not a Kubernetes protobuf object: it does not begin with \"k8s\\0\"");
            }
            ObjectNode envelope = message("Unknown", in, 0);
            String kind = Json.text(envelope, "typeMeta", "kind");
            ObjectNode object = Json.object()
                    .put("apiVersion", Json.text(envelope, "typeMeta", "apiVersion"))
                    .put("kind", kind);
            byte[] raw = envelope.path("raw").binaryValue();
            object.setAll(message(kind, ByteBuffer.wrap(raw == null ? new byte[0] : raw), 0));
            return object;
        } catch (BufferUnderflowException | IllegalArgumentException | IOException e) {
            throw Refusal.badRequest("the protobuf body is cut short or malformed");
        }
    }

    private static ObjectNode message(String name, ByteBuffer in, int depth) throws IOException {
        Map<Integer, Messages.Field> fields = Messages.of(name);
        if (fields == null || depth > MAX_DEPTH) {
            throw Refusal.unsupportedMedia(MEDIA_TYPE + " of " + name, "application/json, application/yaml");
        }
        ObjectNode out = Json.object();
        while (in.hasRemaining()) {
            long tag = varint(in);
            Messages.Field field = fields.get((int) (tag >>> 3));
            int wire = (int) (tag & 7);
            if (field == null) {
                skip(name, tag, wire, in);
            } else {
                add(out, field, value(field, wire, in, depth));
            }
        }
        return out;
    }

    private static void add(ObjectNode out, Messages.Field field, JsonNode value) {
        switch (field.shape()) {
            case LIST -> Json.list(out, field.name()).add(value);
            case MAP -> Json.child(out, field.name()).setAll((ObjectNode) value);
            case ONE -> {
                if (field.keepsZero() || !isZero(value)) {
                    out.set(field.name(), value);
                }
            }
        }
    }

    private static JsonNode value(Messages.Field field, int wire, ByteBuffer in, int depth) throws IOException {
        if (wire == 0) {
            long number = varint(in);
            return field.type().equals("bool")
                    ? Json.object().booleanNode(number != 0)
                    : Json.object().numberNode(number);
        }
        if (wire != 2) {
            throw new IllegalArgumentException("wire type " + wire);
        }
        ByteBuffer part = part(in);
        return field.shape() == Messages.Shape.MAP ? entry(field, part, depth) : part(field.type(), part, depth);
    }

    private static ObjectNode entry(Messages.Field field, ByteBuffer in, int depth) throws IOException {
        String key = "";
        JsonNode value = part(field.type(), ByteBuffer.allocate(0), depth);
        while (in.hasRemaining()) {
            int number = (int) (varint(in) >>> 3);
            ByteBuffer part = part(in);
            if (number == 1) {
                key = text(part);
            } else {
                value = part(field.type(), part, depth);
            }
        }
        return Json.object().set(key, value);
    }

    private static JsonNode part(String type, ByteBuffer part, int depth) throws IOException {
        return switch (type) {
            case "string" -> Json.object().textNode(text(part));
            case "bytes" -> {
                byte[] bytes = new byte[part.remaining()];
                part.get(bytes);
                yield Json.object().textNode(Base64.getEncoder().encodeToString(bytes));
            }
            case "Time" -> time(message(type, part, depth + 1));
            case "Quantity" -> message(type, part, depth + 1).path("string");
            case "IntOrString" -> {
                ObjectNode either = message(type, part, depth + 1);
                yield either.path("type").asInt() == 0 ? either.path("intVal") : either.path("strVal");
            }
            default -> message(type, part, depth + 1);
        };
    }

    private static JsonNode time(ObjectNode time) {
        return time.isEmpty()
                ? Json.object()
                : Json.object()
                        .textNode(Meta.time(
                                Instant.ofEpochSecond(time.path("seconds").asLong())));
    }

    /** The encoder writes fields that are not pointers even when they are empty; in JSON they are absent. */
    private static boolean isZero(JsonNode value) {
        return value.isMissingNode()
                || value.isContainerNode() && value.isEmpty()
                || value.isTextual() && value.asText().isEmpty()
                || value.isNumber() && value.asLong() == 0
                || value.isBoolean() && !value.asBoolean();
    }

    /** Passes over a field the table lacks if it is empty; one with content must not get lost in silence. */
    private static void skip(String message, long tag, int wire, ByteBuffer in) {
        boolean empty = switch (wire) {
            case 0 -> varint(in) == 0;
            case 2 -> isHollow(part(in));
            default -> throw new IllegalArgumentException("wire type " + wire);
        };
        // Status, the third field of most kinds, is dropped on create anyway.
        if (!empty && (tag >>> 3) != 3) {
            throw Refusal.unsupportedMedia(
                    MEDIA_TYPE + " with field " + (tag >>> 3) + " of " + message, "application/json, application/yaml");
        }
    }

    /** True when a message holds nothing but empty fields. */
    private static boolean isHollow(ByteBuffer in) {
        while (in.hasRemaining()) {
            int wire = (int) (varint(in) & 7);
            boolean empty = wire == 0 ? varint(in) == 0 : wire == 2 && isHollow(part(in));
            if (!empty) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer part(ByteBuffer in) {
        long length = varint(in);
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        return part;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than ten bytes");
    }

    private static String text(ByteBuffer part) {
        return StandardCharsets.UTF_8.decode(part).toString();
    }
}
