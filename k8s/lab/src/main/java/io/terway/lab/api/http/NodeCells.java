package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.object.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The computed cells of nodes and services. */
final class NodeCells {

    private static final String ROLE = "node-role.kubernetes.io/";

    private NodeCells() {}

    static String status(JsonNode node) {
        String status = "Unknown";
        for (JsonNode condition : Json.at(node, "status", "conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                status = condition.path("status").asText().equals("True") ? "Ready" : "NotReady";
            }
        }
        return Json.at(node, "spec", "unschedulable").asBoolean() ? status + ",SchedulingDisabled" : status;
    }

    static String roles(JsonNode node) {
        List<String> roles = new ArrayList<>();
        Json.at(node, "metadata", "labels").fieldNames().forEachRemaining(label -> {
            if (label.startsWith(ROLE)) {
                roles.add(label.substring(ROLE.length()));
            }
        });
        return Tables.orNone(String.join(",", roles));
    }

    static String address(JsonNode node, String type) {
        for (JsonNode address : Json.at(node, "status", "addresses")) {
            if (address.path("type").asText().equals(type)) {
                return address.path("address").asText();
            }
        }
        return "<none>";
    }

    static String ports(JsonNode service) {
        List<String> ports = new ArrayList<>();
        for (JsonNode port : Json.at(service, "spec", "ports")) {
            String nodePort =
                    port.hasNonNull("nodePort") ? ":" + port.path("nodePort").asText() : "";
            ports.add(port.path("port").asText() + nodePort + "/"
                    + port.path("protocol").asText("TCP"));
        }
        return Tables.orNone(String.join(",", ports));
    }

    static String map(JsonNode map) {
        List<String> pairs = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            pairs.add(entry.getKey() + "=" + entry.getValue().asText());
        }
        return Tables.orNone(String.join(",", pairs));
    }
}
