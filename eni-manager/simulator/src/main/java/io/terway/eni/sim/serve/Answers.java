package io.terway.eni.sim.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;

/** Short answers of the control and metadata servers. */
final class Answers {

    private Answers() {}

    /** Runs {@code send} on the connection's event loop; drops it when the servers are closed already. */
    static void on(Context context, Runnable send) {
        if (Vertx.currentContext() == context) {
            send.run();
            return;
        }
        try {
            context.runOnContext(v -> send.run());
        } catch (RejectedExecutionException e) {
            // The sockets are closed: nobody is left to answer.
        }
    }

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
