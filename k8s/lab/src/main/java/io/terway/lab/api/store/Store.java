package io.terway.lab.api.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All objects, each change written to the journal before it is told. Versions are one sequence over all resources and go on
 * after a restart. Not thread safe: owned by the server's thread.
 */
public final class Store implements AutoCloseable {

    /** Objects stored at once. */
    public static final int MAX_OBJECTS = 200_000;

    /** Changes a watcher may be behind. */
    public static final int HISTORY = 10_000;

    /** The file is rewritten when it is this large and mostly superseded records. */
    private static final long COMPACT_BYTES = 8L << 20;

    private final Map<Resource.Id, NavigableMap<ObjectKey, ObjectNode>> objects = new HashMap<>();
    private final Map<String, String> facts = new TreeMap<>();
    private final Owners owners = new Owners();
    private final Journal journal;
    private final History history;
    private long version;
    private int count;
    private long compactAt = COMPACT_BYTES;

    private Store(Path file, int history) throws IOException {
        this.journal = Journal.open(file, this::replay);
        this.history = new History(history, version);
    }

    /**
     * Opens the state in {@code file}, or an empty one.
     *
     * @throws IOException when the file is in use, unreadable, or damaged before its end
     */
    public static Store open(Path file) throws IOException {
        return open(file, HISTORY);
    }

    /** Like {@link #open(Path)} with a history of {@code history} changes. */
    public static Store open(Path file, int history) throws IOException {
        return new Store(file, history);
    }

    /** The version of the latest change. */
    public long version() {
        return version;
    }

    public History history() {
        return history;
    }

    public Optional<ObjectNode> get(Resource.Id id, ObjectKey key) {
        return Optional.ofNullable(set(id).get(key));
    }

    /** The objects of a resource in key order: a live view, valid until the next write. */
    public NavigableMap<ObjectKey, ObjectNode> all(Resource.Id id) {
        return Collections.unmodifiableNavigableMap(set(id));
    }

    /** The resources that have objects. */
    public Collection<Resource.Id> ids() {
        return List.copyOf(objects.keySet());
    }

    /** The objects that name {@code uid} as an owner. */
    public List<Owners.Dependent> dependents(String uid) {
        return owners.of(uid);
    }

    /** A fact of the server itself that outlives it, as its signing key. */
    public Optional<String> fact(String name) {
        return Optional.ofNullable(facts.get(name));
    }

    public void remember(String name, String value) {
        facts.put(name, value);
        write(Json.object().put("fact", name).put("value", value));
    }

    /**
     * Stores {@code object}, new or changed, under the next version, which is set in its metadata. The tree must not be
     * changed afterwards.
     *
     * @throws Refusal TooManyRequests when the store is full
     */
    public ObjectNode put(Resource.Id id, ObjectKey key, ObjectNode object) {
        ObjectNode before = set(id).get(key);
        if (before == null && count >= MAX_OBJECTS) {
            throw Refusal.tooMany("the store holds " + MAX_OBJECTS + " objects, its limit; delete some");
        }
        long next = version + 1;
        Meta.of(object).put("resourceVersion", Long.toString(next));
        write(putRecord(id, key, object));
        version = next;
        keep(id, key, object);
        history.record(
                before == null ? new Change.Added(id, next, object) : new Change.Modified(id, next, object, before));
        return object;
    }

    /** Removes an object that is stored; answers its last state under the version of the removal. */
    public ObjectNode remove(Resource.Id id, ObjectKey key) {
        ObjectNode last = set(id).get(key).deepCopy();
        long next = version + 1;
        Meta.of(last).put("resourceVersion", Long.toString(next));
        ObjectNode record =
                Json.object().put("del", next).put("group", id.group()).put("plural", id.plural());
        write(record.put("ns", key.namespace()).put("name", key.name()));
        version = next;
        drop(id, key);
        history.record(new Change.Removed(id, next, last));
        return last;
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }

    private void write(ObjectNode record) {
        try {
            journal.append(record);
            if (journal.size() > compactAt) {
                journal.rewrite(snapshot());
                compactAt = Math.max(COMPACT_BYTES, 2 * journal.size());
                // The snapshot holds what was stored before this record.
                journal.append(record);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<ObjectNode> snapshot() {
        List<ObjectNode> records = new ArrayList<>();
        records.add(Json.object().put("at", version));
        facts.forEach(
                (name, value) -> records.add(Json.object().put("fact", name).put("value", value)));
        objects.forEach((id, set) -> set.forEach((key, object) -> records.add(putRecord(id, key, object))));
        return records;
    }

    private static ObjectNode putRecord(Resource.Id id, ObjectKey key, ObjectNode object) {
        ObjectNode record = Json.object().put("group", id.group()).put("plural", id.plural());
        return record.put("ns", key.namespace()).put("name", key.name()).set("put", object);
    }

    private void replay(ObjectNode record) {
        if (record.has("fact")) {
            facts.put(record.path("fact").asText(), record.path("value").asText());
            return;
        }
        Resource.Id id = new Resource.Id(
                record.path("group").asText(), record.path("plural").asText());
        ObjectKey key =
                new ObjectKey(record.path("ns").asText(), record.path("name").asText());
        if (record.path("put") instanceof ObjectNode object) {
            keep(id, key, object);
            version = Math.max(version, Long.parseLong(Meta.version(object)));
        } else if (record.has("del")) {
            drop(id, key);
            version = Math.max(version, record.path("del").asLong());
        } else {
            version = Math.max(version, record.path("at").asLong());
        }
    }

    private void keep(Resource.Id id, ObjectKey key, ObjectNode object) {
        ObjectNode before = set(id).put(key, object);
        owners.replace(id, key, before, object);
        count += before == null ? 1 : 0;
    }

    private void drop(Resource.Id id, ObjectKey key) {
        ObjectNode before = set(id).remove(key);
        owners.replace(id, key, before, null);
        count -= before == null ? 0 : 1;
    }

    private NavigableMap<ObjectKey, ObjectNode> set(Resource.Id id) {
        return objects.computeIfAbsent(id, absent -> new TreeMap<>());
    }
}
