package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * As much OpenAPI as kubectl needs: v3 says that every resource takes fieldValidation, so that kubectl leaves validation to
 * the server, and carries the schemas of custom resources; v2 is an empty document in JSON and in protobuf.
 */
final class OpenApi {

    private final Resources resources;

    OpenApi(Resources resources) {
        this.resources = resources;
    }

    /** /openapi/v3: where each group version's document is. */
    ObjectNode index() {
        ObjectNode paths = Json.object();
        for (Resource resource : resources.all()) {
            String path = (resource.group().isEmpty() ? "api/" : "apis/") + resource.apiVersion();
            paths.putObject(path).put("serverRelativeURL", "/openapi/v3/" + path);
        }
        return Json.object().set("paths", paths);
    }

    /** /openapi/v3/api/v1 and /openapi/v3/apis/GROUP/VERSION. */
    ObjectNode version(List<String> path) {
        String group = path.getFirst().equals("api") ? "" : path.get(1);
        String version = path.getLast();
        if (!resources.versions(group).contains(version)) {
            throw Refusal.noSuchPath();
        }
        ObjectNode out = Json.object().put("openapi", "3.0.0");
        out.putObject("info").put("title", "Kubernetes").put("version", "v1.32.0");
        ObjectNode paths = out.putObject("paths");
        ObjectNode schemas = out.putObject("components").putObject("schemas");
        for (Resource resource : resources.all()) {
            if (resource.group().equals(group) && resource.version().equals(version)) {
                paths.set(
                        "/" + String.join("/", path) + "/" + scope(resource) + resource.plural() + "/{name}",
                        operation(resource));
                schema(schemas, resource);
            }
        }
        return out;
    }

    /** /openapi/v2 in JSON. */
    ObjectNode empty() {
        ObjectNode out = Json.object().put("swagger", "2.0");
        out.putObject("info").put("title", "Kubernetes").put("version", "v1.32.0");
        out.putObject("paths");
        return out;
    }

    /** The same in protobuf: openapi.v2.Document with swagger (1), info (2) of title (1) and version (2), and paths (8). */
    byte[] emptyProtobuf() {
        byte[] info = join(field(1, "Kubernetes"), field(2, "v1.32.0"));
        return join(field(1, "2.0"), new byte[] {0x12, (byte) info.length}, info, new byte[] {0x42, 0});
    }

    private static String scope(Resource resource) {
        return resource.namespaced() ? "namespaces/{namespace}/" : "";
    }

    private static ObjectNode operation(Resource resource) {
        ObjectNode out = Json.object();
        for (String verb : new String[] {"get", "patch"}) {
            ObjectNode operation = out.putObject(verb).put("x-kubernetes-action", verb);
            operation
                    .putObject("x-kubernetes-group-version-kind")
                    .put("group", resource.group())
                    .put("version", resource.version())
                    .put("kind", resource.kind());
            operation
                    .putArray("parameters")
                    .addObject()
                    .put("name", "fieldValidation")
                    .put("in", "query")
                    .putObject("schema")
                    .put("type", "string");
            operation.putObject("responses").putObject("200").put("description", "OK");
        }
        return out;
    }

    private static void schema(ObjectNode schemas, Resource resource) {
        if (resource.schema() instanceof ObjectNode schema) {
            ObjectNode copy = schema.deepCopy();
            Json.list(copy, "x-kubernetes-group-version-kind")
                    .addObject()
                    .put("group", resource.group())
                    .put("version", resource.version())
                    .put("kind", resource.kind());
            schemas.set(resource.group() + "." + resource.version() + "." + resource.kind(), copy);
        }
    }

    private static byte[] field(int number, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return join(new byte[] {(byte) (number << 3 | 2), (byte) bytes.length}, bytes);
    }

    private static byte[] join(byte[]... parts) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
