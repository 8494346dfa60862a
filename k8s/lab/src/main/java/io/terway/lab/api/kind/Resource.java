package io.terway.lab.api.kind;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Refusal;
import java.util.List;
import java.util.Set;

/**
 * One served resource in one version.
 *
 * @param group API group, empty for core
 * @param plural the path segment
 * @param namespaced false for cluster-scoped resources
 * @param traits behaviours beyond plain storage
 * @param columns columns printed after NAME and before AGE
 * @param schema the openAPIV3Schema of a custom resource; a missing node for built-in kinds
 * @param selectable field paths beyond metadata that field selectors accept
 */
public record Resource(
        String group,
        String version,
        String plural,
        String singular,
        String kind,
        boolean namespaced,
        List<String> shortNames,
        List<String> categories,
        Set<Trait> traits,
        List<Column> columns,
        JsonNode schema,
        List<String> selectable) {

    public Resource {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        traits = Set.copyOf(traits);
        columns = List.copyOf(columns);
        selectable = List.copyOf(selectable);
    }

    /** Behaviours of a resource beyond plain storage. */
    public enum Trait {
        /** Has a status subresource: status changes only there, everything else only elsewhere. */
        STATUS,
        /** metadata.generation counts changes of the desired state. */
        GENERATION,
        /** Defined by a CustomResourceDefinition. */
        CUSTOM,
        /** An update must name the resourceVersion it is based on. */
        CONDITIONAL,
        /** A PUT to an absent name creates it. */
        UPSERT,
        /** Has a scale subresource over spec.replicas. */
        SCALE,
        /** A question answered and not stored. */
        REVIEW
    }

    /**
     * A printed column.
     *
     * @param path a JSONPath as additionalPrinterColumns writes it
     * @param priority 0 is always shown, above only with -o wide
     */
    public record Column(String name, String type, String format, String description, int priority, String path) {}

    /** The identity of the stored set: versions of one resource share it. */
    public record Id(String group, String plural) {
        @Override
        public String toString() {
            return group.isEmpty() ? plural : plural + "." + group;
        }
    }

    public Id id() {
        return new Id(group, plural);
    }

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    public boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /** The object as this version shows it: custom resources convert by renaming the version only. */
    public ObjectNode show(ObjectNode stored) {
        if (stored.path("apiVersion").asText().equals(apiVersion())) {
            return stored;
        }
        // A shallow copy is enough: only a top-level field differs, and stored trees never change.
        ObjectNode shown = stored.objectNode();
        shown.setAll(stored);
        return shown.put("apiVersion", apiVersion()).put("kind", kind);
    }

    public Refusal notFound(String name) {
        return Refusal.notFound(group, plural, name);
    }

    public Refusal conflict(String name, String why) {
        return Refusal.conflict(group, plural, name, why);
    }

    public Refusal invalid(String name, String field, String why) {
        return Refusal.invalid(group, kind, name, field, why);
    }
}
