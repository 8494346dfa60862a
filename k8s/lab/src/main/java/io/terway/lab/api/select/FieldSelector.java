package io.terway.lab.api.select;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A field selector of a request: terms over the few fields a resource allows, all of which must hold. */
public record FieldSelector(List<Term> terms) {

    private static final int MAX_TERMS = 100;

    public FieldSelector {
        terms = List.copyOf(terms);
    }

    /**
     * One comparison.
     *
     * @param path dotted field names; an absent field compares as the empty text
     */
    record Term(String path, String value, boolean equal) {}

    /**
     * Reads {@code a.b=c,d!=e}.
     *
     * @throws Refusal BadRequest when the text is no selector or the resource does not allow the field
     */
    public static FieldSelector parse(String text, Resource resource) {
        List<Term> terms = new ArrayList<>();
        for (String part : text.isBlank() ? new String[0] : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals <= 0 || terms.size() >= MAX_TERMS) {
                throw Refusal.badRequest("invalid field selector: '" + text + "': at most " + MAX_TERMS
                        + " terms of the form field=value or field!=value");
            }
            boolean not = part.charAt(equals - 1) == '!';
            boolean twice = part.startsWith("==", equals);
            String path = part.substring(0, not ? equals - 1 : equals).strip();
            if (!allowed(resource).contains(path) && !resource.selectable().contains(path)) {
                throw Refusal.badRequest("field label not supported: " + path + " for " + resource.id());
            }
            terms.add(new Term(path, part.substring(equals + (twice ? 2 : 1)).strip(), !not));
        }
        return new FieldSelector(terms);
    }

    public boolean matches(JsonNode object) {
        for (Term term : terms) {
            boolean same =
                    Json.text(object, term.path().split("\\.")).equals(term.value()) || falseIsAbsent(object, term);
            if (same != term.equal()) {
                return false;
            }
        }
        return true;
    }

    private static boolean falseIsAbsent(JsonNode object, Term term) {
        return term.value().equals("false")
                && Json.at(object, term.path().split("\\.")).isMissingNode();
    }

    private static Set<String> allowed(Resource resource) {
        return switch (resource.id().toString()) {
            case "pods" ->
                Set.of(
                        "metadata.name",
                        "metadata.namespace",
                        "spec.nodeName",
                        "spec.restartPolicy",
                        "spec.schedulerName",
                        "spec.serviceAccountName",
                        "spec.hostNetwork",
                        "status.phase",
                        "status.podIP",
                        "status.nominatedNodeName");
            case "nodes" -> Set.of("metadata.name", "spec.unschedulable");
            case "namespaces" -> Set.of("metadata.name", "status.phase");
            case "secrets" -> Set.of("metadata.name", "metadata.namespace", "type");
            case "services" -> Set.of("metadata.name", "metadata.namespace", "spec.clusterIP", "spec.type");
            case "events" ->
                Set.of(
                        "metadata.name",
                        "metadata.namespace",
                        "involvedObject.kind",
                        "involvedObject.namespace",
                        "involvedObject.name",
                        "involvedObject.uid",
                        "involvedObject.apiVersion",
                        "involvedObject.resourceVersion",
                        "involvedObject.fieldPath",
                        "reason",
                        "reportingComponent",
                        "source",
                        "type");
            default -> Set.of("metadata.name", "metadata.namespace");
        };
    }
}
