package io.terway.lab.api.http;

import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.verb.Bootstrap;
import io.terway.lab.api.verb.Cluster;
import io.terway.lab.api.verb.Create;
import io.terway.lab.api.verb.Delete;
import io.terway.lab.api.verb.Reviews;
import io.terway.lab.api.verb.Subresources;
import io.terway.lab.api.verb.Tokens;
import io.terway.lab.api.verb.Update;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The top of the server: reads each request, finds who answers it, and turns refusals into Status replies. Runs on one event
 * loop thread, which owns everything below it.
 */
public final class Requests {

    /** The largest body read. */
    public static final int MAX_BODY = 3 << 20;

    private static final Logger LOG = Logger.getLogger(Requests.class.getName());

    private final Cluster cluster;
    private final Create create;
    private final Delete delete;
    private final Documents documents;
    private final Objects objects;
    private final SubresourceCalls subresources;
    private final Watches watches;

    /** @param podGrace the longest a deleted pod stays; see {@link Delete} */
    public Requests(Vertx vertx, Cluster cluster, Duration podGrace) {
        this.cluster = cluster;
        this.create = new Create(cluster);
        this.delete = new Delete(cluster, podGrace);
        Tokens tokens = new Tokens(cluster);
        Update update = new Update(cluster, create, delete);
        this.documents = new Documents(cluster.resources());
        this.objects = new Objects(cluster, create, update, delete, new Reviews(tokens));
        this.subresources = new SubresourceCalls(cluster, new Subresources(cluster, delete), tokens);
        this.watches = new Watches(vertx, cluster);
    }

    /** Makes what a cluster has from the start; before the first request. */
    public void bootstrap(String host, int port) {
        new Bootstrap(cluster, create).run(host, port);
    }

    /** Removes pods whose grace period is over; to be called about once a second. */
    public void reap() {
        delete.reap();
    }

    /** Ends the watches. */
    public void close() {
        watches.close();
    }

    /** Answers one request. */
    public void handle(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        if (isWatch(request)) {
            watch(request);
            return;
        }
        request.exceptionHandler(gone -> {});
        request.handler(chunk -> {
            // The rest of a body that is too large is read and dropped, so that the refusal can be read.
            if (body.length() <= MAX_BODY) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(end -> reply(request.response(), answer(request, body)));
    }

    private Answer answer(HttpServerRequest request, Buffer body) {
        try {
            if (body.length() > MAX_BODY) {
                throw Refusal.tooLarge(MAX_BODY);
            }
            Call call = call(request, body.getBytes());
            return switch (Route.of(call.path(), cluster.resources())) {
                case Route.Document document -> documents.answer(call, document.path());
                case Route.Collection collection
                when collection.resource().kind().equals("Binding") -> subresources.bind(call, collection);
                case Route.Collection collection -> objects.collection(call, collection);
                case Route.Item item when item.subresource().isEmpty() -> objects.item(call, item, false);
                case Route.Item item when item.subresource().equals("status") -> status(call, item);
                case Route.Item item -> subresources.answer(call, item);
            };
        } catch (Refusal refusal) {
            return Answer.json(refusal.code(), refusal.status());
        } catch (RuntimeException e) {
            return broken(request, e);
        }
    }

    private Answer status(Call call, Route.Item item) {
        if (!item.resource().has(io.terway.lab.api.kind.Resource.Trait.STATUS)) {
            throw Refusal.noSuchPath();
        }
        return objects.item(call, item, true);
    }

    /** A bug of this server: the one place where anything unforeseen is caught. */
    private static Answer broken(HttpServerRequest request, RuntimeException e) {
        LOG.log(Level.SEVERE, "failed to answer " + request.method() + " " + request.uri(), e);
        return Answer.json(
                500,
                Json.object()
                        .put("kind", "Status")
                        .put("apiVersion", "v1")
                        .put("status", "Failure")
                        .put("reason", "InternalError")
                        .put("message", "Internal error occurred: " + e)
                        .put("code", 500));
    }

    private void watch(HttpServerRequest request) {
        request.pause();
        Watches.Request watch;
        try {
            Call call = call(request, new byte[0]);
            if (!(Route.of(call.path(), cluster.resources()) instanceof Route.Collection collection)) {
                throw Refusal.noSuchPath();
            }
            watch = watches.read(call, collection);
        } catch (Refusal refusal) {
            request.resume();
            reply(request.response(), Answer.json(refusal.code(), refusal.status()));
            return;
        }
        if ("websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            request.toWebSocket().onSuccess(socket -> watches.start(watch, new Sink.Socket(socket)));
            return;
        }
        request.resume();
        HttpServerResponse response = request.response();
        response.setChunked(true)
                .putHeader("Content-Type", watch.shapes().media().contentType());
        // The head goes out at once: clients wait for it before they count the watch as open.
        response.writeHead();
        watches.start(watch, new Sink.Chunked(response));
    }

    private static boolean isWatch(HttpServerRequest request) {
        String query = request.query();
        return request.method().name().equals("GET")
                && query != null
                && query.matches("(.*&)?watch=(1|true)(&.*)?")
                && request.path().startsWith("/api");
    }

    private static Call call(HttpServerRequest request, byte[] body) {
        try {
            return new Call(request.method().name(), request.path(), request.params(), request.headers(), body);
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest("the query does not decode: " + e.getMessage());
        }
    }

    private static void reply(HttpServerResponse response, Answer answer) {
        if (response.closed()) {
            return;
        }
        response.setStatusCode(answer.code()).putHeader("Content-Type", answer.contentType());
        response.putHeader("Cache-Control", "no-cache, private");
        response.putHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
        response.end(Buffer.buffer(answer.body()));
    }
}
