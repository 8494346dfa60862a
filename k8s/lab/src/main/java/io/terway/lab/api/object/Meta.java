package io.terway.lab.api.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the metadata of an object tree. */
public final class Meta {

    private Meta() {}

    public static ObjectNode of(ObjectNode object) {
        return Json.child(object, "metadata");
    }

    public static String name(JsonNode object) {
        return Json.text(object, "metadata", "name");
    }

    public static String namespace(JsonNode object) {
        return Json.text(object, "metadata", "namespace");
    }

    public static String uid(JsonNode object) {
        return Json.text(object, "metadata", "uid");
    }

    public static String version(JsonNode object) {
        return Json.text(object, "metadata", "resourceVersion");
    }

    public static boolean deleting(JsonNode object) {
        return Json.at(object, "metadata").hasNonNull("deletionTimestamp");
    }

    public static List<String> finalizers(JsonNode object) {
        return texts(Json.at(object, "metadata", "finalizers"));
    }

    public static List<String> ownerUids(JsonNode object) {
        List<String> uids = new ArrayList<>();
        for (JsonNode owner : Json.at(object, "metadata", "ownerReferences")) {
            uids.add(owner.path("uid").asText());
        }
        return uids;
    }

    public static List<String> texts(JsonNode array) {
        List<String> out = new ArrayList<>();
        array.forEach(item -> out.add(item.asText()));
        return out;
    }

    /** RFC 3339 with whole seconds, the form of metav1.Time. */
    public static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
