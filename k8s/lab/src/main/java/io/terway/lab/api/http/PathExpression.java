package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The JSONPath of printer columns: fields, {@code [n]}, {@code [*]}, {@code ['field']} and
 * {@code [?(@.field=="value")]}. Anything else finds nothing.
 */
final class PathExpression {

    private static final Pattern STEP = Pattern.compile("\\.(?<field>(?:\\\\.|[^.\\[\\\\])+)"
            + "|\\[(?<index>-?[0-9]{1,6})]"
            + "|(?<all>\\[\\*])"
            + "|\\['(?<quoted>[^']+)']"
            + "|\\[\\?\\(@\\.(?<left>[^=!<> ]+) *== *[\"'](?<right>[^\"']*)[\"']\\)]");

    private PathExpression() {}

    static List<JsonNode> find(String path, JsonNode root) {
        List<JsonNode> here = List.of(root);
        Matcher step = STEP.matcher(path.startsWith(".") || path.startsWith("[") ? path : "." + path);
        int end = 0;
        while (end < step.regionEnd()) {
            if (!step.find() || step.start() != end) {
                return List.of();
            }
            end = step.end();
            List<JsonNode> next = new ArrayList<>();
            for (JsonNode node : here) {
                next(step, node, next);
            }
            here = next;
        }
        return here;
    }

    private static void next(Matcher step, JsonNode node, List<JsonNode> into) {
        if (step.group("field") != null) {
            add(node.path(step.group("field").replace("\\", "")), into);
        } else if (step.group("quoted") != null) {
            add(node.path(step.group("quoted")), into);
        } else if (step.group("index") != null) {
            int index = Integer.parseInt(step.group("index"));
            add(node.path(index < 0 ? node.size() + index : index), into);
        } else if (step.group("all") != null) {
            node.forEach(into::add);
        } else {
            for (JsonNode item : node) {
                List<JsonNode> left = find(step.group("left"), item);
                if (!left.isEmpty() && left.getFirst().asText().equals(step.group("right"))) {
                    into.add(item);
                }
            }
        }
    }

    private static void add(JsonNode node, List<JsonNode> into) {
        if (!node.isMissingNode() && !node.isNull()) {
            into.add(node);
        }
    }
}
