package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Service account tokens in JWT form, signed with a key that lives in the state file. */
public final class Tokens {

    private static final String AUDIENCE = "https://kubernetes.default.svc";
    private static final String KEY = "token-key";
    private static final Duration DEFAULT_LIFE = Duration.ofHours(1);
    private static final Duration MIN_LIFE = Duration.ofMinutes(10);
    private static final int MAX_LENGTH = 16_384;

    private final Cluster cluster;

    public Tokens(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Answers a TokenRequest for the account at {@code key}, filling its status. */
    public ObjectNode issue(ObjectKey key, ObjectNode request) {
        ObjectNode account = cluster.store()
                .get(Cluster.SERVICE_ACCOUNTS, key)
                .orElseThrow(() -> Refusal.notFound("", "serviceaccounts", key.name()));
        ObjectNode spec = Json.child(request, "spec");
        if (spec.path("audiences").isEmpty()) {
            spec.putArray("audiences").add(AUDIENCE);
        }
        Duration life = Duration.ofSeconds(spec.path("expirationSeconds").asLong(DEFAULT_LIFE.toSeconds()));
        if (life.compareTo(MIN_LIFE) < 0) {
            throw Refusal.invalid(
                    "authentication.k8s.io",
                    "TokenRequest",
                    "",
                    "spec.expirationSeconds",
                    "Invalid value: " + life.toSeconds() + ": may not specify a duration less than 10 minutes");
        }
        Instant now = cluster.now();
        ObjectNode claims = Json.object();
        claims.set("aud", spec.get("audiences"));
        claims.put("iss", AUDIENCE)
                .put("iat", now.getEpochSecond())
                .put("exp", now.plus(life).getEpochSecond())
                .put("sub", "system:serviceaccount:" + key.namespace() + ":" + key.name());
        ObjectNode origin = claims.putObject("kubernetes.io").put("namespace", key.namespace());
        origin.putObject("serviceaccount").put("name", key.name()).put("uid", Meta.uid(account));
        switch (spec.path("boundObjectRef").path("kind").asText()) {
            case "Pod" -> bound(origin.putObject("pod"), spec);
            case "Node" -> bound(origin.putObject("node"), spec);
            default -> {}
        }
        request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        Meta.of(request).put("name", key.name()).put("namespace", key.namespace());
        request.putObject("status").put("token", sign(claims)).put("expirationTimestamp", Meta.time(now.plus(life)));
        return request;
    }

    private static void bound(ObjectNode claim, ObjectNode spec) {
        claim.put("name", Json.text(spec, "boundObjectRef", "name"))
                .put("uid", Json.text(spec, "boundObjectRef", "uid"));
    }

    /** The claims of a token this server signed, that has not expired and whose account still exists. */
    public Optional<JsonNode> verify(String token) {
        String[] parts = token.length() > MAX_LENGTH ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3
                || !MessageDigest.isEqual(
                        signature(parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII),
                        parts[2].getBytes(StandardCharsets.US_ASCII))) {
            return Optional.empty();
        }
        JsonNode claims = Json.parse(Base64.getUrlDecoder().decode(parts[1]));
        JsonNode origin = claims.path("kubernetes.io");
        ObjectKey key = new ObjectKey(origin.path("namespace").asText(), Json.text(origin, "serviceaccount", "name"));
        boolean alive = cluster.store()
                .get(Cluster.SERVICE_ACCOUNTS, key)
                .filter(account -> Meta.uid(account).equals(Json.text(origin, "serviceaccount", "uid")))
                .isPresent();
        return alive && claims.path("exp").asLong() > cluster.now().getEpochSecond()
                ? Optional.of(claims)
                : Optional.empty();
    }

    /** The user a token stands for, in the form of a TokenReview's status.user. */
    static ObjectNode user(JsonNode claims) {
        JsonNode origin = claims.path("kubernetes.io");
        String namespace = origin.path("namespace").asText();
        ObjectNode user = Json.object()
                .put("username", claims.path("sub").asText())
                .put("uid", Json.text(origin, "serviceaccount", "uid"));
        ArrayNode groups = user.putArray("groups");
        groups.add("system:serviceaccounts")
                .add("system:serviceaccounts:" + namespace)
                .add("system:authenticated");
        for (String kind : List.of("pod", "node")) {
            if (origin.has(kind)) {
                ObjectNode extra = Json.child(user, "extra");
                String key = "authentication.kubernetes.io/" + kind;
                extra.putArray(key + "-name").add(Json.text(origin, kind, "name"));
                extra.putArray(key + "-uid").add(Json.text(origin, kind, "uid"));
            }
        }
        return user;
    }

    private String sign(ObjectNode claims) {
        String head = base64(Json.bytes(Json.object().put("alg", "HS256").put("typ", "JWT")));
        String body = head + "." + base64(Json.bytes(claims));
        return body + "." + signature(body);
    }

    private String signature(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key(), "HmacSHA256"));
            return base64(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private byte[] key() {
        if (cluster.store().fact(KEY).isEmpty()) {
            byte[] fresh = new byte[32];
            new SecureRandom().nextBytes(fresh);
            cluster.store().remember(KEY, base64(fresh));
        }
        return Base64.getUrlDecoder().decode(cluster.store().fact(KEY).orElseThrow());
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
