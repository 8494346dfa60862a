package io.terway.lab.api.kind;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Names;
import io.terway.lab.api.object.Refusal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Reads a CustomResourceDefinition: what it serves, whether it is well formed, and the status it gets. */
public final class Definition {

    private static final String GROUP = "apiextensions.k8s.io";
    private static final String KIND = "CustomResourceDefinition";

    private Definition() {}

    /** The id of the resources a definition serves. */
    public static Resource.Id id(JsonNode definition) {
        return new Resource.Id(
                Json.text(definition, "spec", "group"), Json.text(definition, "spec", "names", "plural"));
    }

    /** One resource per served version. */
    static List<Resource> resources(JsonNode definition) {
        JsonNode spec = definition.path("spec");
        JsonNode names = spec.path("names");
        List<Resource> out = new ArrayList<>();
        for (JsonNode version : spec.path("versions")) {
            if (!version.path("served").asBoolean()) {
                continue;
            }
            List<String> selectable = new ArrayList<>();
            version.path("selectableFields")
                    .forEach(field ->
                            selectable.add(field.path("jsonPath").asText().replaceFirst("^\\.", "")));
            out.add(new Resource(
                    spec.path("group").asText(),
                    version.path("name").asText(),
                    names.path("plural").asText(),
                    names.path("singular").asText(names.path("kind").asText().toLowerCase(java.util.Locale.ROOT)),
                    names.path("kind").asText(),
                    spec.path("scope").asText().equals("Namespaced"),
                    Meta.texts(names.path("shortNames")),
                    Meta.texts(names.path("categories")),
                    traits(version),
                    columns(version.path("additionalPrinterColumns")),
                    Json.at(version, "schema", "openAPIV3Schema"),
                    selectable));
        }
        return out;
    }

    /**
     * Refuses a definition that could not be served.
     *
     * @throws Refusal Invalid naming the first wrong field
     */
    public static void check(ObjectNode definition) {
        JsonNode spec = definition.path("spec");
        String name = Meta.name(definition);
        String plural = Json.text(spec, "names", "plural");
        require(
                name,
                "spec.group",
                Names.broken(Names.Rule.SUBDOMAIN, Json.text(spec, "group")).isEmpty());
        require(
                name,
                "spec.names.plural",
                Names.broken(Names.Rule.LABEL_1035, plural).isEmpty());
        require(name, "spec.names.kind", !Json.text(spec, "names", "kind").isEmpty());
        require(name, "spec.scope", Set.of("Namespaced", "Cluster").contains(Json.text(spec, "scope")));
        require(name, "spec.versions", !spec.path("versions").isEmpty());
        versions(name, spec.path("versions"));
        if (!name.equals(plural + "." + Json.text(spec, "group"))) {
            throw Refusal.invalid(
                    GROUP,
                    KIND,
                    name,
                    "metadata.name",
                    "Invalid value: \"" + name + "\": must be spec.names.plural+\".\"+spec.group");
        }
    }

    private static void versions(String name, JsonNode versions) {
        int stored = 0;
        for (JsonNode version : versions) {
            require(
                    name,
                    "spec.versions.name",
                    Names.broken(Names.Rule.LABEL_1035, version.path("name").asText())
                            .isEmpty());
            require(
                    name,
                    "spec.versions.schema.openAPIV3Schema",
                    Json.at(version, "schema", "openAPIV3Schema").isObject());
            stored += version.path("storage").asBoolean() ? 1 : 0;
        }
        if (stored != 1) {
            throw Refusal.invalid(
                    GROUP,
                    KIND,
                    name,
                    "spec.versions",
                    "Invalid value: must have exactly one version marked as storage version");
        }
    }

    /** Fills the names' defaults and the status of a definition that is served from now on. */
    public static void establish(ObjectNode definition, Instant now) {
        ObjectNode spec = Json.child(definition, "spec");
        ObjectNode names = Json.child(spec, "names");
        String kind = names.path("kind").asText();
        if (!names.has("singular")) {
            names.put("singular", kind.toLowerCase(java.util.Locale.ROOT));
        }
        if (!names.has("listKind")) {
            names.put("listKind", kind + "List");
        }
        if (!spec.has("conversion")) {
            spec.putObject("conversion").put("strategy", "None");
        }
        ObjectNode status = Json.child(definition, "status");
        status.set("acceptedNames", names);
        if (!status.path("conditions").isEmpty()) {
            return;
        }
        for (String[] condition : new String[][] {
            {"NamesAccepted", "NoConflicts", "no conflicts found"},
            {"Established", "InitialNamesAccepted", "the initial names have been accepted"}
        }) {
            Json.list(status, "conditions")
                    .addObject()
                    .put("type", condition[0])
                    .put("status", "True")
                    .put("reason", condition[1])
                    .put("message", condition[2])
                    .put("lastTransitionTime", Meta.time(now));
        }
        for (JsonNode version : spec.path("versions")) {
            if (version.path("storage").asBoolean()) {
                Json.list(status, "storedVersions").add(version.path("name").asText());
            }
        }
    }

    private static void require(String name, String field, boolean holds) {
        if (!holds) {
            throw Refusal.invalid(GROUP, KIND, name, field, "Required value, well formed");
        }
    }

    private static Set<Resource.Trait> traits(JsonNode version) {
        Set<Resource.Trait> traits =
                EnumSet.of(Resource.Trait.CUSTOM, Resource.Trait.GENERATION, Resource.Trait.CONDITIONAL);
        if (version.path("subresources").has("status")) {
            traits.add(Resource.Trait.STATUS);
        }
        return traits;
    }

    private static List<Resource.Column> columns(JsonNode definitions) {
        List<Resource.Column> out = new ArrayList<>();
        for (JsonNode column : definitions) {
            out.add(new Resource.Column(
                    column.path("name").asText(),
                    column.path("type").asText("string"),
                    column.path("format").asText(""),
                    column.path("description").asText(""),
                    column.path("priority").asInt(),
                    column.path("jsonPath").asText()));
        }
        return out;
    }
}
