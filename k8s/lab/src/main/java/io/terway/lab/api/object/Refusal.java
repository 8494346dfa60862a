package io.terway.lab.api.object;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A request refused, carrying the Status object the client gets. Thrown from anywhere below the edge and turned into a
 * reply in one place; the trace is left out because it says nothing about the client's mistake.
 */
public final class Refusal extends RuntimeException {

    private final transient ObjectNode status;

    private Refusal(int code, String reason, String message) {
        super(message, null, false, false);
        status = Json.object().put("kind", "Status").put("apiVersion", "v1").set("metadata", Json.object());
        status.put("status", "Failure")
                .put("message", message)
                .put("reason", reason)
                .put("code", code);
    }

    public ObjectNode status() {
        return status;
    }

    public int code() {
        return status.get("code").asInt();
    }

    public static Refusal badRequest(String message) {
        return new Refusal(400, "BadRequest", message);
    }

    public static Refusal notFound(String group, String plural, String name) {
        return new Refusal(404, "NotFound", resource(group, plural) + " \"" + name + "\" not found")
                .about(group, plural, name);
    }

    /** The reply to a path no resource answers. */
    public static Refusal noSuchPath() {
        return new Refusal(404, "NotFound", "the server could not find the requested resource");
    }

    public static Refusal alreadyExists(String group, String plural, String name) {
        return new Refusal(409, "AlreadyExists", resource(group, plural) + " \"" + name + "\" already exists")
                .about(group, plural, name);
    }

    public static Refusal conflict(String group, String plural, String name, String why) {
        return new Refusal(
                        409,
                        "Conflict",
                        "Operation cannot be fulfilled on " + resource(group, plural) + " \"" + name + "\": " + why)
                .about(group, plural, name);
    }

    public static Refusal forbidden(String group, String plural, String name, String why) {
        return new Refusal(403, "Forbidden", resource(group, plural) + " \"" + name + "\" is forbidden: " + why)
                .about(group, plural, name);
    }

    /** A stored-object rule is broken: {@code field} names the path, {@code why} the rule and the value. */
    public static Refusal invalid(String group, String kind, String name, String field, String why) {
        Refusal refusal = new Refusal(
                422,
                "Invalid",
                kind + (group.isEmpty() ? "" : "." + group) + " \"" + name + "\" is invalid: " + field + ": " + why);
        ObjectNode details = Json.child(refusal.about(group, kind, name).status, "details");
        details.putArray("causes")
                .addObject()
                .put("reason", "FieldValueInvalid")
                .put("message", why)
                .put("field", field);
        return refusal;
    }

    public static Refusal methodNotAllowed(String method) {
        return new Refusal(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource: " + method);
    }

    public static Refusal unsupportedMedia(String type, String accepted) {
        return new Refusal(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format '" + type + "' - accepted media types include: "
                        + accepted);
    }

    public static Refusal notAcceptable() {
        return new Refusal(
                406,
                "NotAcceptable",
                "only the following media types are accepted: application/json, application/yaml");
    }

    public static Refusal tooLarge(long limit) {
        return new Refusal(413, "RequestEntityTooLarge", "the request body is larger than " + limit + " bytes");
    }

    public static Refusal tooMany(String what) {
        Refusal refusal = new Refusal(429, "TooManyRequests", what);
        Json.child(refusal.status, "details").put("retryAfterSeconds", 1);
        return refusal;
    }

    /** The version asked for is no longer in the history, or never was. */
    public static Refusal expired(String message) {
        return new Refusal(410, "Expired", message);
    }

    public static Refusal versionAhead(long asked, long current) {
        Refusal refusal = new Refusal(504, "Timeout", "Too large resource version: " + asked + ", current: " + current);
        ObjectNode details = Json.child(refusal.status, "details").put("retryAfterSeconds", 1);
        details.putArray("causes")
                .addObject()
                .put("reason", "ResourceVersionTooLarge")
                .put("message", "Too large resource version");
        return refusal;
    }

    /** Adds a cause to the details, as clients look for some by reason. */
    public Refusal because(String reason, String message, String field) {
        Json.list(Json.child(status, "details"), "causes")
                .addObject()
                .put("reason", reason)
                .put("message", message)
                .put("field", field);
        return this;
    }

    private Refusal about(String group, String kind, String name) {
        ObjectNode details = Json.child(status, "details").put("name", name);
        if (!group.isEmpty()) {
            details.put("group", group);
        }
        details.put("kind", kind);
        return this;
    }

    private static String resource(String group, String plural) {
        return group.isEmpty() ? plural : plural + "." + group;
    }
}
