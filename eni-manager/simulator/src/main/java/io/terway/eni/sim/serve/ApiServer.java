package io.terway.eni.sim.serve;

import io.terway.eni.sim.rpc.WireRequest;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The ECS and VPC APIs over HTTP, both on every path; {@code /_control} beside them when it is served. */
final class ApiServer {

    /** Larger than any real call; more is refused unread. */
    static final int BODY_LIMIT = 1 << 20;

    private final Vertx vertx;
    private final Twin twin;
    private final Optional<Control> control;

    ApiServer(Vertx vertx, Twin twin, Optional<Control> control) {
        this.vertx = vertx;
        this.twin = twin;
        this.control = control;
    }

    void handle(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= BODY_LIMIT) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(end -> {
            if (body.length() > BODY_LIMIT) {
                Answers.text(request.response(), 413, "the body is larger than " + BODY_LIMIT + " bytes");
            } else if (control.isPresent()
                    && request.path() != null
                    && request.path().startsWith(Control.PREFIX)) {
                control.get().handle(request, body.toString(StandardCharsets.UTF_8));
            } else {
                call(request, body);
            }
        });
    }

    private void call(HttpServerRequest request, Buffer body) {
        Map<String, String> headers = new HashMap<>();
        request.headers().forEach(headers::put);
        WireRequest wire = new WireRequest(
                request.method().name(),
                Optional.ofNullable(request.path()).orElse("/"),
                Optional.ofNullable(request.query()).orElse(""),
                headers,
                body.toString(StandardCharsets.UTF_8));
        Context context = vertx.getOrCreateContext();
        Reply reply = twin.call(wire);
        twin.whenCarried(reply.revision(), () -> Answers.on(context, () -> deliver(request, reply)));
    }

    private void deliver(HttpServerRequest request, Reply reply) {
        switch (reply.delivery()) {
            case Reply.Delivery.Hanging h -> {}
            case Reply.Delivery.Lost l -> request.connection().close();
            case Reply.Delivery.Sent sent -> {
                long millis = sent.after().toMillis();
                if (millis > 0) {
                    vertx.setTimer(millis, timer -> send(request, reply));
                } else {
                    send(request, reply);
                }
            }
        }
    }

    private static void send(HttpServerRequest request, Reply reply) {
        if (!request.response().closed()) {
            request.response()
                    .setStatusCode(reply.status())
                    .putHeader("Content-Type", reply.contentType())
                    .end(reply.body());
        }
    }
}
