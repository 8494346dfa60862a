package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.patch.ApplyPatch;
import io.terway.lab.api.patch.JsonPatch;
import io.terway.lab.api.patch.MergePatch;
import io.terway.lab.api.patch.StrategicMerge;
import java.time.Instant;

/** The body of a PATCH request, by its media type. */
public sealed interface Patch {

    record Operations(JsonNode operations) implements Patch {}

    record Merge(ObjectNode change) implements Patch {}

    record Strategic(ObjectNode change) implements Patch {}

    record Apply(ObjectNode change, ApplyPatch.Writer writer) implements Patch {}

    /**
     * The object after this patch; {@code before} is left alone.
     *
     * @throws Refusal UnsupportedMediaType for a strategic patch of a custom resource, as upstream
     */
    default ObjectNode on(ObjectNode before, Resource resource, String name, Instant now) {
        boolean custom = resource.has(Resource.Trait.CUSTOM);
        ObjectNode after = before.deepCopy();
        switch (this) {
            case Operations(JsonNode operations) -> {
                return JsonPatch.apply(before, operations, name);
            }
            case Merge(ObjectNode change) -> MergePatch.apply(after, change);
            case Strategic(ObjectNode change) -> {
                if (custom) {
                    throw Refusal.unsupportedMedia(
                            "application/strategic-merge-patch+json",
                            "application/json-patch+json, application/merge-patch+json,"
                                    + " application/apply-patch+yaml");
                }
                StrategicMerge.apply(after, change);
            }
            case Apply(ObjectNode change, ApplyPatch.Writer writer) ->
                ApplyPatch.apply(after, change, custom, writer, now);
        }
        return after;
    }
}
