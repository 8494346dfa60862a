package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;

/** The computed cells of a pod. */
final class PodCells {

    private PodCells() {}

    static String ready(JsonNode pod) {
        int ready = 0;
        for (JsonNode status : Json.at(pod, "status", "containerStatuses")) {
            ready += status.path("ready").asBoolean() ? 1 : 0;
        }
        return ready + "/" + Json.at(pod, "spec", "containers").size();
    }

    /** The phase, unless a container or the pod says something more telling. */
    static String status(JsonNode pod) {
        if (Meta.deleting(pod)) {
            return "Terminating";
        }
        String status = Json.text(pod, "status", "phase");
        String reason = Json.text(pod, "status", "reason");
        for (JsonNode container : Json.at(pod, "status", "containerStatuses")) {
            String waiting = Json.text(container, "state", "waiting", "reason");
            String terminated = Json.text(container, "state", "terminated", "reason");
            reason = !waiting.isEmpty() ? waiting : !terminated.isEmpty() ? terminated : reason;
        }
        return reason.isEmpty() ? status : reason;
    }

    static String restarts(JsonNode pod) {
        int restarts = 0;
        for (JsonNode status : Json.at(pod, "status", "containerStatuses")) {
            restarts += status.path("restartCount").asInt();
        }
        return Integer.toString(restarts);
    }
}
