package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.util.List;

/** Answers the paths that are about the server, not about objects. */
final class Documents {

    private final Discovery discovery;
    private final OpenApi openApi;

    Documents(Resources resources) {
        this.discovery = new Discovery(resources);
        this.openApi = new OpenApi(resources);
    }

    Answer answer(Call call, List<String> path) {
        if (!call.method().equals("GET") && !call.method().equals("HEAD")) {
            throw path.isEmpty() || !path.getFirst().startsWith("api")
                    ? Refusal.methodNotAllowed(call.method())
                    : Refusal.noSuchPath();
        }
        return switch (path.isEmpty() ? "" : path.getFirst()) {
            case "" -> paths();
            case "healthz", "livez", "readyz" -> Answer.text("ok");
            case "version" -> Answer.json(200, version());
            case "api" -> api(call, path);
            case "apis" -> apis(call, path);
            case "openapi" -> openApi(call, path);
            default -> throw Refusal.noSuchPath();
        };
    }

    private Answer api(Call call, List<String> path) {
        return switch (path.size()) {
            case 1 ->
                call.media() instanceof Media.Aggregated media
                        ? aggregated(media, true)
                        : Answer.json(
                                200,
                                discovery.core(String.valueOf(call.headers().get("Host"))));
            case 2 -> Answer.json(200, discovery.version("", path.get(1)));
            default -> throw Refusal.noSuchPath();
        };
    }

    private Answer apis(Call call, List<String> path) {
        return switch (path.size()) {
            case 1 ->
                call.media() instanceof Media.Aggregated media
                        ? aggregated(media, false)
                        : Answer.json(200, discovery.groups());
            case 2 -> Answer.json(200, discovery.group(path.get(1)));
            case 3 -> Answer.json(200, discovery.version(path.get(1), path.get(2)));
            default -> throw Refusal.noSuchPath();
        };
    }

    private Answer aggregated(Media media, boolean core) {
        return new Answer(200, media.contentType(), Json.bytes(discovery.aggregated(core)));
    }

    private Answer openApi(Call call, List<String> path) {
        if (path.size() == 2 && path.get(1).equals("v2")) {
            return call.media() instanceof Media.ProtobufOpenApi media
                    ? new Answer(200, media.contentType(), openApi.emptyProtobuf())
                    : Answer.json(200, openApi.empty());
        }
        if (path.size() == 2 && path.get(1).equals("v3")) {
            return Answer.json(200, openApi.index());
        }
        boolean core = path.size() == 4 && path.get(2).equals("api");
        boolean grouped = path.size() == 5 && path.get(2).equals("apis");
        if (path.size() < 2 || !path.get(1).equals("v3") || !core && !grouped) {
            throw Refusal.noSuchPath();
        }
        return Answer.json(200, openApi.version(path.subList(2, path.size())));
    }

    private static Answer paths() {
        ArrayNode paths = Json.array();
        List.of("/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version")
                .forEach(paths::add);
        return Answer.json(200, Json.object().set("paths", paths));
    }

    /** The Kubernetes version whose behaviour is followed. */
    private static ObjectNode version() {
        return Json.object()
                .put("major", "1")
                .put("minor", "32")
                .put("gitVersion", "v1.32.0+terway-lab")
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "2026-11-22T00:00:00Z")
                .put("goVersion", "none")
                .put("compiler", "java")
                .put("platform", "linux/amd64");
    }
}
