package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.protobuf.Protobuf;
import io.terway.lab.api.select.FieldSelector;
import io.terway.lab.api.select.LabelSelector;
import io.terway.lab.api.select.Selection;
import io.vertx.core.MultiMap;
import java.util.Optional;

/**
 * A request, read.
 *
 * @param method in upper case
 * @param path not decoded
 * @param body empty when there is none
 */
record Call(String method, String path, MultiMap query, MultiMap headers, byte[] body) {

    Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
    }

    boolean flag(String name) {
        return parameter(name)
                        .filter(value -> !value.equals("false") && !value.equals("0"))
                        .isPresent()
                || "".equals(query.get(name));
    }

    /** @throws Refusal BadRequest when the parameter is there and no number */
    long number(String name, long fallback) {
        String text = parameter(name).orElse("");
        if (text.isEmpty()) {
            return fallback;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw Refusal.badRequest("invalid " + name + ": \"" + text + "\" is not a number of at most 18 digits");
        }
        return Long.parseLong(text);
    }

    boolean dryRun() {
        String value = parameter("dryRun").orElse("");
        if (!value.isEmpty() && !value.equals("All")) {
            throw Refusal.badRequest("dryRun: Unsupported value: \"" + value + "\": supported values: \"All\"");
        }
        return !value.isEmpty();
    }

    Selection selection(Resource resource, String namespace) {
        return new Selection(
                namespace,
                LabelSelector.parse(parameter("labelSelector").orElse("")),
                FieldSelector.parse(parameter("fieldSelector").orElse(""), resource));
    }

    Media media() {
        String accept = headers.get("Accept");
        return Media.of(accept == null ? "" : accept);
    }

    String contentType() {
        String type = headers.get("Content-Type");
        return type == null ? "" : type.split(";")[0].strip();
    }

    /** The token of the Authorization header, empty for none. */
    String bearer() {
        String header = headers.get("Authorization");
        return header != null && header.startsWith("Bearer ")
                ? header.substring(7).strip()
                : "";
    }

    /** The body as an object; it must be there. */
    ObjectNode object() {
        String type = contentType();
        if (type.equals(Protobuf.MEDIA_TYPE)) {
            return Protobuf.parse(body);
        }
        if (!type.isEmpty() && !type.equals("application/json") && !type.equals("application/yaml")) {
            throw Refusal.unsupportedMedia(type, "application/json, application/yaml");
        }
        if (body.length == 0) {
            throw Refusal.badRequest("the request has no body");
        }
        return Json.parseObject(body);
    }

    /** The body as an object, or a missing node when there is none. */
    JsonNode optionalObject() {
        return body.length == 0 ? Json.object() : object();
    }
}
