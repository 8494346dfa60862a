package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The rows kubectl prints: columns and cells per kind. */
final class Tables {

    private Tables() {}

    /** A computed column. */
    private record Computed(String name, boolean wide, Function<JsonNode, String> cell) {}

    static ObjectNode empty(Resource resource, String version) {
        ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata").put("resourceVersion", version);
        ArrayNode columns = table.putArray("columnDefinitions");
        each(
                resource,
                (column, cell) -> columns.addObject()
                        .put("name", column.name())
                        .put("type", column.type().equals("date") ? "string" : column.type())
                        .put("format", column.format())
                        .put("description", column.description())
                        .put("priority", column.priority()));
        table.putArray("rows");
        return table;
    }

    static ArrayNode cells(Resource resource, JsonNode object, Instant now) {
        ArrayNode cells = Json.array();
        each(resource, (column, cell) -> {
            JsonNode value = cell.apply(object);
            return column.type().equals("date") ? cells.add(age(value, now)) : cells.add(value);
        });
        return cells;
    }

    /** Calls {@code visit} for each column in order, with the function that makes its cell. */
    private static void each(
            Resource resource, BiFunction<Resource.Column, Function<JsonNode, JsonNode>, Object> visit) {
        visit.apply(
                new Resource.Column("Name", "string", "name", "Name must be unique within a namespace.", 0, ""),
                object -> object.path("metadata").path("name"));
        List<Computed> computed = computed(resource);
        computed.stream().filter(column -> !column.wide()).forEach(column -> apply(column, visit));
        for (Resource.Column column : resource.columns()) {
            visit.apply(column, object -> typed(column, PathExpression.find(column.path(), object)));
        }
        if (showsAge(resource)) {
            visit.apply(
                    new Resource.Column("Age", "date", "", "Time since creation.", 0, ""),
                    object -> object.path("metadata").path("creationTimestamp"));
        }
        computed.stream().filter(Computed::wide).forEach(column -> apply(column, visit));
    }

    /** Printer columns of a custom resource name their ages themselves; so do kinds that show another time. */
    private static boolean showsAge(Resource resource) {
        boolean otherTime = resource.columns().stream()
                .map(Resource.Column::name)
                .anyMatch(name -> name.equals("Created At") || name.equals("Last Seen"));
        return resource.columns().isEmpty() || !resource.has(Resource.Trait.CUSTOM) && !otherTime;
    }

    private static void apply(
            Computed column, BiFunction<Resource.Column, Function<JsonNode, JsonNode>, Object> visit) {
        visit.apply(
                new Resource.Column(column.name(), "string", "", "", column.wide() ? 1 : 0, ""),
                object -> Json.object().textNode(column.cell().apply(object)));
    }

    private static JsonNode typed(Resource.Column column, List<JsonNode> found) {
        if (found.isEmpty()) {
            return Json.object().nullNode();
        }
        if (!column.type().equals("string")) {
            return found.getFirst();
        }
        List<String> texts = new ArrayList<>();
        found.forEach(value -> texts.add(value.isValueNode() ? value.asText() : value.toString()));
        return Json.object().textNode(String.join(",", texts));
    }

    private static String age(JsonNode value, Instant now) {
        if (value.asText("").isEmpty()) {
            return "<unknown>";
        }
        try {
            return Age.between(Instant.parse(value.asText()), now);
        } catch (DateTimeParseException e) {
            return "<invalid>";
        }
    }

    private static List<Computed> computed(Resource resource) {
        return switch (resource.id().toString()) {
            case "pods" ->
                List.of(
                        new Computed("Ready", false, PodCells::ready),
                        new Computed("Status", false, PodCells::status),
                        new Computed("Restarts", false, PodCells::restarts),
                        new Computed("IP", true, pod -> orNone(Json.text(pod, "status", "podIP"))),
                        new Computed("Node", true, pod -> orNone(Json.text(pod, "spec", "nodeName"))),
                        new Computed(
                                "Nominated Node", true, pod -> orNone(Json.text(pod, "status", "nominatedNodeName"))),
                        new Computed("Readiness Gates", true, pod -> "<none>"));
            case "nodes" ->
                List.of(
                        new Computed("Status", false, NodeCells::status),
                        new Computed("Roles", false, NodeCells::roles),
                        new Computed("Version", true, node -> info(node, "kubeletVersion")),
                        new Computed("Internal-IP", true, node -> NodeCells.address(node, "InternalIP")),
                        new Computed("External-IP", true, node -> NodeCells.address(node, "ExternalIP")),
                        new Computed("OS-Image", true, node -> info(node, "osImage")),
                        new Computed("Kernel-Version", true, node -> info(node, "kernelVersion")),
                        new Computed("Container-Runtime", true, node -> info(node, "containerRuntimeVersion")));
            case "services" ->
                List.of(
                        new Computed("Type", false, service -> Json.text(service, "spec", "type")),
                        new Computed("Cluster-IP", false, service -> orNone(Json.text(service, "spec", "clusterIP"))),
                        new Computed("External-IP", false, service -> "<none>"),
                        new Computed("Port(s)", false, NodeCells::ports),
                        new Computed("Selector", true, service -> NodeCells.map(Json.at(service, "spec", "selector"))));
            case "configmaps", "secrets" ->
                List.of(new Computed(
                        "Data",
                        false,
                        object -> Integer.toString(object.path("data").size()
                                + object.path("binaryData").size())));
            default -> List.of();
        };
    }

    static String orNone(String text) {
        return text.isEmpty() ? "<none>" : text;
    }

    private static String info(JsonNode node, String field) {
        String text = Json.text(node, "status", "nodeInfo", field);
        return text.isEmpty() ? "<unknown>" : text;
    }
}
