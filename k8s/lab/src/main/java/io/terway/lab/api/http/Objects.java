package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.patch.ApplyPatch;
import io.terway.lab.api.select.Selection;
import io.terway.lab.api.store.ObjectKey;
import io.terway.lab.api.store.Pages;
import io.terway.lab.api.verb.Cluster;
import io.terway.lab.api.verb.Create;
import io.terway.lab.api.verb.Delete;
import io.terway.lab.api.verb.Patch;
import io.terway.lab.api.verb.Reviews;
import io.terway.lab.api.verb.Update;
import java.util.ArrayList;
import java.util.List;

/** Answers the requests about objects, except watches and subresources. */
final class Objects {

    private final Cluster cluster;
    private final Create create;
    private final Update update;
    private final Delete delete;
    private final Reviews reviews;
    private final Pages pages = new Pages();

    Objects(Cluster cluster, Create create, Update update, Delete delete, Reviews reviews) {
        this.cluster = cluster;
        this.create = create;
        this.update = update;
        this.delete = delete;
        this.reviews = reviews;
    }

    Answer collection(Call call, Route.Collection route) {
        Resource resource = route.resource();
        if (resource.has(Resource.Trait.REVIEW)) {
            if (!call.method().equals("POST")) {
                throw Refusal.methodNotAllowed(call.method());
            }
            return Answer.json(201, reviews.answer(resource, call.object(), call.bearer()));
        }
        return switch (call.method()) {
            case "GET" -> list(call, route);
            case "POST" -> create(call, route);
            case "DELETE" -> deleteAll(call, route);
            default -> throw Refusal.methodNotAllowed(call.method());
        };
    }

    Answer item(Call call, Route.Item route, boolean status) {
        Resource resource = route.resource();
        Update.Target target = new Update.Target(resource, route.key(), status, call.dryRun());
        return switch (call.method()) {
            case "GET" -> answer(call, resource, 200, cluster.get(resource, route.key()));
            case "PUT" -> changed(call, resource, update.replace(target, call.object()));
            case "PATCH" -> changed(call, resource, update.patch(target, patch(call, status)));
            case "DELETE" -> {
                if (status) {
                    throw Refusal.methodNotAllowed(call.method());
                }
                yield delete(call, route);
            }
            default -> throw Refusal.methodNotAllowed(call.method());
        };
    }

    private Answer list(Call call, Route.Collection route) {
        Resource resource = route.resource();
        Selection selection = call.selection(resource, route.namespace());
        int limit = (int) Math.min(call.number("limit", 0), Integer.MAX_VALUE);
        long asked = call.number("resourceVersion", 0);
        Pages.Page page = call.parameter("continue").isPresent()
                ? pages.next(call.parameter("continue").get(), limit)
                : first(call, resource, selection, asked, limit);
        return Answer.json(200, shapes(call, resource).list(page));
    }

    private Pages.Page first(Call call, Resource resource, Selection selection, long asked, int limit) {
        long version = cluster.store().version();
        if (asked > version) {
            throw Refusal.versionAhead(asked, version);
        }
        if (call.parameter("resourceVersionMatch").orElse("").equals("Exact") && asked != version) {
            throw Refusal.expired("The resourceVersion for the provided list is too old.");
        }
        return pages.first(version, select(resource, selection), limit);
    }

    private List<ObjectNode> select(Resource resource, Selection selection) {
        List<ObjectNode> out = new ArrayList<>();
        var all = cluster.store().all(resource.id());
        var from = selection.namespace().isEmpty() ? all : all.tailMap(new ObjectKey(selection.namespace(), ""));
        for (var entry : from.entrySet()) {
            if (!selection.namespace().isEmpty() && !entry.getKey().namespace().equals(selection.namespace())) {
                break;
            }
            if (selection.matches(entry.getValue())) {
                out.add(entry.getValue());
            }
        }
        return out;
    }

    private Answer create(Call call, Route.Collection route) {
        Resource resource = route.resource();
        if (resource.namespaced() && route.namespace().isEmpty()) {
            throw Refusal.badRequest("an object of " + resource.id()
                    + " is created below /namespaces/NAMESPACE/, the request names no namespace");
        }
        ObjectKey key = new ObjectKey(route.namespace(), "");
        return answer(call, resource, 201, create.create(resource, call.object(), key, call.dryRun()));
    }

    private Answer delete(Call call, Route.Item route) {
        Resource resource = route.resource();
        return switch (delete.delete(resource, route.key(), options(call))) {
            case Delete.Outcome.Marked(ObjectNode object) -> answer(call, resource, 200, object);
            case Delete.Outcome.Gone(ObjectNode last) -> {
                ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
                status.putObject("metadata");
                ObjectNode details = status.put("status", "Success").putObject("details");
                details.put("name", route.key().name());
                if (!resource.group().isEmpty()) {
                    details.put("group", resource.group());
                }
                details.put("kind", resource.plural()).put("uid", Meta.uid(last));
                yield Answer.json(200, status);
            }
        };
    }

    private Answer deleteAll(Call call, Route.Collection route) {
        Resource resource = route.resource();
        Delete.Options options = options(call);
        List<ObjectNode> chosen = select(resource, call.selection(resource, route.namespace()));
        for (ObjectNode object : chosen) {
            ObjectKey key = new ObjectKey(Meta.namespace(object), Meta.name(object));
            // One deletion may take another chosen object with it.
            if (cluster.store().get(resource.id(), key).isPresent()) {
                delete.delete(resource, key, options);
            }
        }
        Pages.Page page = new Pages.Page(cluster.store().version(), chosen, "", 0);
        return Answer.json(200, shapes(call, resource).list(page));
    }

    private static Delete.Options options(Call call) {
        return Delete.Options.of(
                call.optionalObject(),
                call.parameter("gracePeriodSeconds"),
                call.parameter("propagationPolicy"),
                call.dryRun());
    }

    private static Patch patch(Call call, boolean status) {
        String type = call.contentType();
        return switch (type) {
            case "application/json-patch+json" -> new Patch.Operations(Json.parse(call.body()));
            case "application/merge-patch+json" -> new Patch.Merge(Json.parseObject(call.body()));
            case "application/strategic-merge-patch+json" -> new Patch.Strategic(Json.parseObject(call.body()));
            case "application/apply-patch+yaml" ->
                new Patch.Apply(
                        Json.parseObject(call.body()),
                        new ApplyPatch.Writer(call.parameter("fieldManager").orElse(""), status ? "status" : ""));
            default ->
                throw Refusal.unsupportedMedia(
                        type,
                        "application/json-patch+json, application/merge-patch+json,"
                                + " application/strategic-merge-patch+json, application/apply-patch+yaml");
        };
    }

    private Answer changed(Call call, Resource resource, Update.Result result) {
        return answer(call, resource, result.created() ? 201 : 200, result.object());
    }

    private Answer answer(Call call, Resource resource, int code, ObjectNode object) {
        return Answer.json(code, shapes(call, resource).one(object));
    }

    private Shapes shapes(Call call, Resource resource) {
        return new Shapes(
                resource, call.media(), call.parameter("includeObject").orElse("Metadata"), cluster.now());
    }
}
