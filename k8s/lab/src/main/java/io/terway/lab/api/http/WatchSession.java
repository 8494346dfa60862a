package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.select.Selection;
import io.terway.lab.api.store.Change;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** One watch: turns changes into events of its selection and form, and holds them back while the client is slow. */
final class WatchSession implements Consumer<Change> {

    /** Events held for a slow client; more end the watch, and the client starts again from its last version. */
    static final int MAX_HELD = 10_000;

    private final Shapes shapes;
    private final Selection selection;
    private final Sink sink;
    private final ArrayDeque<byte[]> held = new ArrayDeque<>();
    private Runnable whenOver = () -> {};
    private boolean over;

    WatchSession(Shapes shapes, Selection selection, Sink sink) {
        this.shapes = shapes;
        this.selection = selection;
        this.sink = sink;
        sink.whenDrained(this::drain);
        sink.whenClosed(this::abandon);
    }

    /** What to do once when the watch has ended, for whatever reason. */
    void whenOver(Runnable then) {
        this.whenOver = then;
    }

    @Override
    public void accept(Change change) {
        if (!change.id().equals(shapes.resource().id())) {
            return;
        }
        switch (change) {
            case Change.Added added -> matching("ADDED", added.object());
            case Change.Removed removed -> matching("DELETED", removed.object());
            case Change.Modified modified -> modified(modified);
        }
    }

    /** An object that is there when the watch begins. */
    void initial(ObjectNode object) {
        matching("ADDED", object);
    }

    void bookmark(long version, boolean initialEnd) {
        send("BOOKMARK", shapes.bookmark(version, initialEnd));
    }

    /** Tells why the watch cannot go on, and ends it. */
    void fail(Refusal refusal) {
        send("ERROR", refusal.status());
        finish();
    }

    /** Ends the watch; safe to call again. */
    void finish() {
        if (!over) {
            over = true;
            held.forEach(sink::send);
            held.clear();
            sink.end();
            whenOver.run();
        }
    }

    /** The client went away. */
    private void abandon() {
        if (!over) {
            over = true;
            held.clear();
            whenOver.run();
        }
    }

    /** For the selection an object comes and goes as its labels and fields change. */
    private void modified(Change.Modified change) {
        boolean before = selection.matches(change.before());
        boolean after = selection.matches(change.object());
        if (before && !after) {
            ObjectNode last = change.before().deepCopy();
            Meta.of(last).put("resourceVersion", Long.toString(change.version()));
            send("DELETED", shapes.one(last));
        } else if (after) {
            send(before ? "MODIFIED" : "ADDED", shapes.one(change.object()));
        }
    }

    private void matching(String type, ObjectNode object) {
        if (selection.matches(object)) {
            send(type, shapes.one(object));
        }
    }

    private void send(String type, JsonNode object) {
        if (over) {
            return;
        }
        byte[] event = Json.bytes(Json.object().put("type", type).set("object", object));
        if (held.isEmpty() && !sink.isFull()) {
            sink.send(event);
        } else if (held.size() < MAX_HELD) {
            held.add(event);
        } else {
            held.clear();
            finish();
        }
    }

    private void drain() {
        while (!over && !held.isEmpty() && !sink.isFull()) {
            sink.send(held.poll());
        }
    }
}
