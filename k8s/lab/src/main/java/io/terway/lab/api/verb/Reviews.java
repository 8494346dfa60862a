package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
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
        status.put("authenticated", claims.isPresent());
        claims.ifPresentOrElse(
                found -> {
                    status.set("user", Tokens.user(found));
                    status.set("audiences", found.path("aud"));
                },
                () -> status.put("error", "the token is not one of this cluster, has expired, or its account is gone"));
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
