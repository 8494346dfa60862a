package io.terway.lab.api.http;

import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What a path names. */
sealed interface Route {

    /** Liveness and version paths, discovery, OpenAPI: documents about the server, by their path segments. */
    record Document(List<String> path) implements Route {}

    /**
     * The objects of a resource.
     *
     * @param namespace empty for cluster-scoped resources and for every namespace
     */
    record Collection(Resource resource, String namespace) implements Route {}

    /**
     * One object.
     *
     * @param subresource empty for the object itself
     */
    record Item(Resource resource, ObjectKey key, String subresource) implements Route {}

    /** @throws Refusal NotFound for a path nothing answers, BadRequest for one that does not decode */
    static Route of(String rawPath, Resources resources) {
        List<String> path = Arrays.stream(rawPath.split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(Route::decode)
                .toList();
        if (path.size() > 2 && path.get(0).equals("api") && path.get(1).equals("v1")) {
            return resource(resources, "", "v1", path.subList(2, path.size()));
        }
        if (path.size() > 3 && path.get(0).equals("apis")) {
            return resource(resources, path.get(1), path.get(2), path.subList(3, path.size()));
        }
        return new Document(path);
    }

    private static Route resource(Resources resources, String group, String version, List<String> rest) {
        boolean inNamespace = rest.size() >= 3
                && rest.getFirst().equals("namespaces")
                && !(group.isEmpty()
                        && rest.size() == 3
                        && List.of("status", "finalize").contains(rest.get(2)));
        List<String> tail = inNamespace ? rest.subList(2, rest.size()) : rest;
        String namespace = inNamespace ? rest.get(1) : "";
        Resource resource = resources.find(group, version, tail.getFirst()).orElseThrow(Refusal::noSuchPath);
        boolean itemWithoutNamespace = resource.namespaced() && !inNamespace && tail.size() > 1;
        if (tail.size() > 3 || inNamespace && !resource.namespaced() || itemWithoutNamespace) {
            throw Refusal.noSuchPath();
        }
        return tail.size() == 1
                ? new Collection(resource, namespace)
                : new Item(resource, new ObjectKey(namespace, tail.get(1)), tail.size() == 3 ? tail.get(2) : "");
    }

    private static String decode(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest("the path does not decode: " + segment);
        }
    }
}
