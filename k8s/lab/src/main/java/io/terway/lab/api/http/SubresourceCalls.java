package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;
import io.terway.lab.api.verb.Cluster;
import io.terway.lab.api.verb.Patch;
import io.terway.lab.api.verb.Subresources;
import io.terway.lab.api.verb.Tokens;
import java.util.Set;

/** Answers the requests for subresources other than status. */
final class SubresourceCalls {

    private final Cluster cluster;
    private final Subresources subresources;
    private final Tokens tokens;

    SubresourceCalls(Cluster cluster, Subresources subresources, Tokens tokens) {
        this.cluster = cluster;
        this.subresources = subresources;
        this.tokens = tokens;
    }

    Answer answer(Call call, Route.Item route) {
        Resource resource = route.resource();
        boolean known =
                Verbs.subresources(resource).stream().anyMatch(sub -> sub.name().equals(route.subresource()));
        if (!known) {
            throw Refusal.noSuchPath();
        }
        return switch (route.subresource()) {
            case "scale" -> scale(call, route);
            case "finalize" -> Answer.json(200, cluster.get(resource, route.key()));
            default -> post(call, route);
        };
    }

    /** The older path of the binding subresource: the Binding's own name is the pod's. */
    Answer bind(Call call, Route.Collection route) {
        if (!call.method().equals("POST")) {
            throw Refusal.methodNotAllowed(call.method());
        }
        ObjectNode binding = call.object();
        Resource pods = cluster.resources().find("", "v1", "pods").orElseThrow();
        subresources.bind(pods, new ObjectKey(route.namespace(), Meta.name(binding)), binding);
        return success();
    }

    private Answer post(Call call, Route.Item route) {
        if (!call.method().equals("POST")) {
            throw Refusal.methodNotAllowed(call.method());
        }
        ObjectNode body = call.object();
        return switch (route.subresource()) {
            case "binding" -> {
                subresources.bind(route.resource(), route.key(), body);
                yield success();
            }
            case "eviction" -> {
                subresources.evict(route.resource(), route.key(), body);
                yield success();
            }
            case "token" -> Answer.json(201, tokens.issue(route.key(), body));
            default -> throw Refusal.noSuchPath();
        };
    }

    private Answer scale(Call call, Route.Item route) {
        Resource resource = route.resource();
        return switch (call.method()) {
            case "GET" -> Answer.json(200, subresources.scale(resource, route.key()));
            case "PUT" -> Answer.json(200, subresources.rescale(resource, route.key(), call.object()));
            case "PATCH" -> {
                if (!Set.of("application/merge-patch+json", "application/strategic-merge-patch+json")
                        .contains(call.contentType())) {
                    throw Refusal.unsupportedMedia(call.contentType(), "application/merge-patch+json");
                }
                ObjectNode now = subresources.scale(resource, route.key());
                Patch patch = new Patch.Merge(Json.parseObject(call.body()));
                ObjectNode wanted = patch.on(now, resource, route.key().name(), cluster.now());
                yield Answer.json(200, subresources.rescale(resource, route.key(), wanted));
            }
            default -> throw Refusal.methodNotAllowed(call.method());
        };
    }

    private static Answer success() {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return Answer.json(201, status.put("status", "Success").put("code", 201));
    }
}
