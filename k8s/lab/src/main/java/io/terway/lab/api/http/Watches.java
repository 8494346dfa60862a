package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.select.Selection;
import io.terway.lab.api.store.History;
import io.terway.lab.api.store.ObjectKey;
import io.terway.lab.api.store.Store;
import io.terway.lab.api.verb.Cluster;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Starts watches where they ask to, keeps them going with bookmarks, and ends them in time. */
final class Watches {

    /** Watches open at once. */
    static final int MAX_WATCHES = 2_000;

    private static final long BOOKMARK_MILLIS = 30_000;
    private static final long DEFAULT_SECONDS = 1_800;
    private static final long MAX_SECONDS = 86_400;

    private final Vertx vertx;
    private final Cluster cluster;
    private final Set<WatchSession> open = new HashSet<>();

    Watches(Vertx vertx, Cluster cluster) {
        this.vertx = vertx;
        this.cluster = cluster;
    }

    /**
     * What a watch request asks for, read before anything is answered.
     *
     * @param version where to begin; 0 for the state as it is
     * @param initial send what is there first
     * @param marked end that with a bookmark that says so
     */
    record Request(
            Selection selection,
            Shapes shapes,
            long version,
            boolean initial,
            boolean marked,
            boolean bookmarks,
            long seconds) {}

    /** @throws Refusal TooManyRequests when the server follows as many watches as it can */
    Request read(Call call, Route.Collection route) {
        if (open.size() >= MAX_WATCHES) {
            throw Refusal.tooMany("the server has " + MAX_WATCHES + " watches open, its limit");
        }
        long version = call.number("resourceVersion", 0);
        boolean send = call.flag("sendInitialEvents");
        if (send && !call.parameter("resourceVersionMatch").orElse("").equals("NotOlderThan")) {
            throw Refusal.badRequest("sendInitialEvents requires resourceVersionMatch=NotOlderThan");
        }
        boolean declined = call.parameter("sendInitialEvents").orElse("").equals("false");
        boolean bookmarks = call.flag("allowWatchBookmarks");
        long seconds = call.number("timeoutSeconds", DEFAULT_SECONDS);
        return new Request(
                call.selection(route.resource(), route.namespace()),
                new Shapes(
                        route.resource(),
                        call.media(),
                        call.parameter("includeObject").orElse("Metadata"),
                        cluster.now()),
                version,
                send || version == 0 && !declined,
                send && bookmarks,
                bookmarks,
                Math.clamp(seconds, 1, MAX_SECONDS));
    }

    /** Runs a watch on {@code sink} until the client leaves, the time is over or {@link #close}. */
    void start(Request request, Sink sink) {
        Store store = cluster.store();
        History history = store.history();
        WatchSession session = new WatchSession(request.shapes(), request.selection(), sink);
        long timeout = vertx.setTimer(request.seconds() * 1_000, timer -> session.finish());
        long bookmarks = request.bookmarks()
                ? vertx.setPeriodic(BOOKMARK_MILLIS, timer -> session.bookmark(store.version(), false))
                : -1;
        open.add(session);
        session.whenOver(() -> {
            open.remove(session);
            history.leave(session);
            vertx.cancelTimer(timeout);
            vertx.cancelTimer(bookmarks);
        });
        if (begin(request, session)) {
            history.follow(session);
        }
    }

    private boolean begin(Request request, WatchSession session) {
        Store store = cluster.store();
        if (request.version() > store.version()) {
            session.fail(Refusal.expired(
                    "too large resource version: " + request.version() + ", current: " + store.version()));
            return false;
        }
        if (request.initial()) {
            initial(request, session);
            if (request.marked()) {
                session.bookmark(store.version(), true);
            }
        } else if (request.version() > 0 && !store.history().reaches(request.version())) {
            session.fail(Refusal.expired(
                    "too old resource version: " + request.version() + ", current: " + store.version()));
            return false;
        } else if (request.version() > 0) {
            store.history().after(request.version()).forEach(session);
        }
        return true;
    }

    private void initial(Request request, WatchSession session) {
        var all = cluster.store().all(request.shapes().resource().id());
        for (ObjectNode object :
                all.tailMap(new ObjectKey(request.selection().namespace(), "")).values()) {
            session.initial(object);
        }
    }

    /** Ends every watch. */
    void close() {
        List.copyOf(open).forEach(WatchSession::finish);
    }
}
