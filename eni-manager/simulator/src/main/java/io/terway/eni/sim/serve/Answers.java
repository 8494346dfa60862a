package io.terway.eni.sim.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.vertx.core.http.HttpServerResponse;
import java.io.UncheckedIOException;

/** Short answers of the control and metadata servers. */
final class Answers {

    private Answers() {}

    static void text(HttpServerResponse response, int status, String body) {
        response.setStatusCode(status)
                .putHeader("Content-Type", "text/plain;charset=utf-8")
                .end(body);
    }

    static void json(HttpServerResponse response, int status, Object body) {
        try {
            response.setStatusCode(status)
                    .putHeader("Content-Type", "application/json;charset=utf-8")
                    .end(Json.MAPPER.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("an answer cannot be written as JSON", e);
        }
    }
}
