package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import java.util.Optional;

/** Answers the questions that are posted and not stored. Everything is allowed: the lab has no authorizer. */
public final class Reviews {

    private final Tokens tokens;

    public Reviews(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * Fills the status of a review.
     *
     * @param bearer the token the request came with, empty for none
     */
    public ObjectNode answer(Resource resource, ObjectNode review, String bearer) {
        review.put("apiVersion", resource.apiVersion()).put("kind", resource.kind());
        Json.child(review, "metadata");
        ObjectNode status = review.putObject("status");
        switch (resource.kind()) {
            case "TokenReview" -> token(review, status);
            case "SelfSubjectReview" -> status.set("userInfo", caller(bearer));
            case "SelfSubjectRulesReview" -> rules(status);
            default -> status.put("allowed", true).put("reason", "the lab allows everything");
        }
        return review;
    }

    private void token(ObjectNode review, ObjectNode status) {
        Optional<JsonNode> claims = tokens.verify(Json.text(review, "spec", "token"));
        if (claims.isEmpty()) {
            status.put("authenticated", false)
                    .put("error", "the token is not one of this cluster, has expired, or its account is gone");
            return;
        }
        JsonNode wanted = review.path("spec").path("audiences");
        ArrayNode audiences = status.putArray("audiences");
        for (JsonNode audience : claims.get().path("aud")) {
            if (wanted.isEmpty() || contains(wanted, audience)) {
                audiences.add(audience);
            }
        }
        status.put("authenticated", !audiences.isEmpty());
        if (audiences.isEmpty()) {
            status.remove("audiences");
            status.put("error", "the token is for " + claims.get().path("aud") + ", not for " + wanted);
        } else {
            status.set("user", Tokens.user(claims.get()));
        }
    }

    private static boolean contains(JsonNode list, JsonNode wanted) {
        for (JsonNode item : list) {
            if (item.equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private ObjectNode caller(String bearer) {
        return tokens.verify(bearer).map(Tokens::user).orElseGet(() -> {
            ObjectNode admin = Json.object().put("username", "lab-admin");
            admin.putArray("groups").add("system:masters").add("system:authenticated");
            return admin;
        });
    }

    private static void rules(ObjectNode status) {
        ObjectNode rule = status.putArray("resourceRules").addObject();
        for (String field : new String[] {"verbs", "apiGroups", "resources"}) {
            rule.putArray(field).add("*");
        }
        ObjectNode paths = status.putArray("nonResourceRules").addObject();
        paths.putArray("verbs").add("*");
        paths.putArray("nonResourceURLs").add("*");
        status.put("incomplete", false);
    }
}
