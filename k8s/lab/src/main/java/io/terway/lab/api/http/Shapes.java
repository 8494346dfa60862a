package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.store.Pages;
import java.time.Instant;

/**
 * Puts stored objects into the form a request accepts.
 *
 * @param includeObject for tables: what each row carries, None, Metadata or Object
 */
record Shapes(Resource resource, Media media, String includeObject, Instant now) {

    ObjectNode one(ObjectNode object) {
        return switch (media) {
            case Media.Table table -> {
                ObjectNode out = Tables.empty(resource, Meta.version(object));
                row(out, object);
                yield out;
            }
            case Media.Partial partial -> partial(object);
            case Media.Plain plain -> resource.show(object);
            case Media.Aggregated aggregated -> resource.show(object);
            case Media.ProtobufOpenApi openApi -> resource.show(object);
        };
    }

    ObjectNode list(Pages.Page page) {
        boolean table = media instanceof Media.Table;
        ObjectNode out = table ? Tables.empty(resource, "") : envelope();
        ObjectNode meta = out.putObject("metadata").put("resourceVersion", Long.toString(page.version()));
        if (!page.next().isEmpty()) {
            meta.put("continue", page.next()).put("remainingItemCount", page.remaining());
        }
        ArrayNode items = table ? null : out.putArray("items");
        for (ObjectNode item : page.items()) {
            if (table) {
                row(out, item);
            } else {
                items.add(media instanceof Media.Partial ? partial(item) : resource.show(item));
            }
        }
        return out;
    }

    /** What a bookmark carries: a version and nothing else. */
    ObjectNode bookmark(long version, boolean initialEnd) {
        ObjectNode out;
        if (media instanceof Media.Table) {
            out = Tables.empty(resource, Long.toString(version));
        } else {
            boolean partial = media instanceof Media.Partial;
            out = Json.object()
                    .put("kind", partial ? "PartialObjectMetadata" : resource.kind())
                    .put("apiVersion", partial ? "meta.k8s.io/v1" : resource.apiVersion());
            out.putObject("metadata").put("resourceVersion", Long.toString(version));
        }
        Meta.of(out).putNull("creationTimestamp");
        if (initialEnd) {
            Meta.of(out).putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        return out;
    }

    private ObjectNode envelope() {
        boolean partial = media instanceof Media.Partial;
        return Json.object()
                .put("kind", partial ? "PartialObjectMetadataList" : resource.kind() + "List")
                .put("apiVersion", partial ? "meta.k8s.io/v1" : resource.apiVersion());
    }

    private void row(ObjectNode table, ObjectNode object) {
        ObjectNode row = Json.list(table, "rows").addObject();
        row.set("cells", Tables.cells(resource, object, now));
        switch (includeObject) {
            case "None" -> {
                // The row stands alone.
            }
            case "Object" -> row.set("object", resource.show(object));
            default -> row.set("object", partial(object));
        }
    }

    private static ObjectNode partial(ObjectNode object) {
        ObjectNode out = Json.object().put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
        return out.set("metadata", object.get("metadata"));
    }
}
