package io.terway.lab.api.select;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.object.Json;

/**
 * What a list, watch or deletecollection is about.
 *
 * @param namespace empty for every namespace
 */
public record Selection(String namespace, LabelSelector labels, FieldSelector fields) {

    public boolean matches(JsonNode object) {
        return (namespace.isEmpty()
                        || Json.text(object, "metadata", "namespace").equals(namespace))
                && labels.matches(Json.at(object, "metadata", "labels"))
                && fields.matches(object);
    }
}
