package io.terway.lab.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.util.List;

/** The documents that say which groups, versions and resources there are. */
final class Discovery {

    private final Resources resources;

    Discovery(Resources resources) {
        this.resources = resources;
    }

    /** /api. */
    ObjectNode core(String address) {
        ObjectNode out = Json.object().put("kind", "APIVersions");
        out.putArray("versions").add("v1");
        out.putArray("serverAddressByClientCIDRs")
                .addObject()
                .put("clientCIDR", "0.0.0.0/0")
                .put("serverAddress", address);
        return out;
    }

    /** /apis. */
    ObjectNode groups() {
        ObjectNode out = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = out.putArray("groups");
        resources.groups().forEach(group -> groups.add(entry(group)));
        return out;
    }

    /** /apis/GROUP. */
    ObjectNode group(String group) {
        return entry(group).put("kind", "APIGroup").put("apiVersion", "v1");
    }

    /** /api/v1 and /apis/GROUP/VERSION. */
    ObjectNode version(String group, String version) {
        if (!resources.versions(group).contains(version)) {
            throw Refusal.noSuchPath();
        }
        ObjectNode out = Json.object()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", group.isEmpty() ? version : group + "/" + version);
        ArrayNode list = out.putArray("resources");
        for (Resource resource : of(group, version)) {
            ObjectNode entry = list.addObject()
                    .put("name", resource.plural())
                    .put("singularName", resource.singular())
                    .put("namespaced", resource.namespaced())
                    .put("kind", resource.kind());
            entry.set("verbs", Verbs.array(Verbs.of(resource)));
            Verbs.optional(entry, "shortNames", resource.shortNames());
            Verbs.optional(entry, "categories", resource.categories());
            for (Verbs.Sub sub : Verbs.subresources(resource)) {
                ObjectNode below = list.addObject()
                        .put("name", resource.plural() + "/" + sub.name())
                        .put("singularName", "")
                        .put("namespaced", resource.namespaced())
                        .put("kind", sub.kind());
                if (!sub.group().equals(group)) {
                    below.put("group", sub.group()).put("version", sub.version());
                }
                below.set("verbs", Verbs.array(sub.verbs()));
            }
        }
        return out;
    }

    /** /api or /apis in the aggregated form: every resource of these groups in one document. */
    ObjectNode aggregated(boolean core) {
        ObjectNode out = Json.object().put("kind", "APIGroupDiscoveryList").put("apiVersion", "apidiscovery.k8s.io/v2");
        out.putObject("metadata");
        ArrayNode items = out.putArray("items");
        for (String group : core ? List.of("") : resources.groups()) {
            ObjectNode item = items.addObject();
            item.putObject("metadata").put("name", group).putNull("creationTimestamp");
            ArrayNode versions = item.putArray("versions");
            for (String version : resources.versions(group)) {
                ObjectNode entry = versions.addObject().put("version", version).put("freshness", "Current");
                ArrayNode list = entry.putArray("resources");
                of(group, version).forEach(resource -> list.add(aggregated(resource)));
            }
        }
        return out;
    }

    private static ObjectNode aggregated(Resource resource) {
        ObjectNode out = Json.object().put("resource", resource.plural());
        kind(out, resource.group(), resource.version(), resource.kind());
        out.put("scope", resource.namespaced() ? "Namespaced" : "Cluster").put("singularResource", resource.singular());
        out.set("verbs", Verbs.array(Verbs.of(resource)));
        Verbs.optional(out, "shortNames", resource.shortNames());
        Verbs.optional(out, "categories", resource.categories());
        List<Verbs.Sub> subs = Verbs.subresources(resource);
        if (!subs.isEmpty()) {
            ArrayNode list = out.putArray("subresources");
            for (Verbs.Sub sub : subs) {
                ObjectNode entry = list.addObject().put("subresource", sub.name());
                kind(entry, sub.group(), sub.version(), sub.kind());
                entry.set("verbs", Verbs.array(sub.verbs()));
            }
        }
        return out;
    }

    private static void kind(ObjectNode into, String group, String version, String kind) {
        into.putObject("responseKind")
                .put("group", group)
                .put("version", version)
                .put("kind", kind);
    }

    private ObjectNode entry(String group) {
        List<String> versions = resources.versions(group);
        if (versions.isEmpty()) {
            throw Refusal.noSuchPath();
        }
        ObjectNode out = Json.object().put("name", group);
        ArrayNode list = out.putArray("versions");
        versions.forEach(version ->
                list.addObject().put("groupVersion", group + "/" + version).put("version", version));
        out.putObject("preferredVersion")
                .put("groupVersion", group + "/" + versions.getFirst())
                .put("version", versions.getFirst());
        return out;
    }

    private List<Resource> of(String group, String version) {
        return resources.all().stream()
                .filter(resource ->
                        resource.group().equals(group) && resource.version().equals(version))
                .toList();
    }
}
