package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.object.Json;
import java.nio.charset.StandardCharsets;

/** A finished reply. */
record Answer(int code, String contentType, byte[] body) {

    static Answer json(int code, JsonNode body) {
        return new Answer(code, "application/json", Json.bytes(body));
    }

    static Answer text(String body) {
        return new Answer(200, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
    }
}
