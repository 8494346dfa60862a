package io.terway.lab.api.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import java.time.Instant;

/**
 * Server-side apply, without conflicts: a manager's fields are merged in, and fields it applied before and leaves out now are
 * removed unless another manager applies them too. As every apply wins, it acts like apply with force.
 */
public final class ApplyPatch {

    /** Managers one object remembers; the oldest is forgotten first. */
    static final int MAX_MANAGERS = 32;

    private ApplyPatch() {}

    /**
     * Who applies.
     *
     * @param manager the fieldManager of the request, which must not be empty
     * @param subresource empty for the object itself
     */
    public record Writer(String manager, String subresource) {}

    /**
     * Applies {@code applied} to {@code live} in place.
     *
     * @param custom true for custom resources, whose lists are replaced as a whole
     * @throws Refusal BadRequest without a manager
     */
    public static void apply(ObjectNode live, ObjectNode applied, boolean custom, Writer writer, Instant now) {
        String manager = writer.manager();
        String subresource = writer.subresource();
        if (manager.isEmpty()) {
            throw Refusal.badRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is"
                    + " required for apply patch");
        }
        ObjectNode change = applied.deepCopy();
        Meta.of(change).remove("managedFields");
        ArrayNode entries = Json.list(Meta.of(live), "managedFields");
        ObjectNode fields = FieldSet.of(change);
        JsonNode before = Json.object();
        ObjectNode others = fields.deepCopy();
        for (int i = entries.size() - 1; i >= 0; i--) {
            JsonNode entry = entries.get(i);
            if (isOf(entry, manager, subresource)) {
                before = entry.path("fieldsV1");
                entries.remove(i);
            } else if (entry.path("fieldsV1") instanceof ObjectNode kept) {
                MergePatch.apply(others, kept);
            }
        }
        FieldSet.prune(live, before, others);
        if (custom) {
            MergePatch.apply(live, change);
        } else {
            StrategicMerge.apply(live, change);
        }
        record(Json.list(Meta.of(live), "managedFields"), live, writer, fields, now);
    }

    private static boolean isOf(JsonNode entry, String manager, String subresource) {
        return entry.path("manager").asText().equals(manager)
                && entry.path("operation").asText().equals("Apply")
                && entry.path("subresource").asText("").equals(subresource);
    }

    private static void record(ArrayNode entries, ObjectNode live, Writer writer, ObjectNode fields, Instant now) {
        if (entries.size() >= MAX_MANAGERS) {
            entries.remove(0);
        }
        ObjectNode entry = entries.addObject()
                .put("manager", writer.manager())
                .put("operation", "Apply")
                .put("apiVersion", live.path("apiVersion").asText())
                .put("time", Meta.time(now))
                .put("fieldsType", "FieldsV1");
        entry.set("fieldsV1", fields);
        if (!writer.subresource().isEmpty()) {
            entry.put("subresource", writer.subresource());
        }
    }
}
