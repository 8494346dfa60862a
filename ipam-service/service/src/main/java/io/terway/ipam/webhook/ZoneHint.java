package io.terway.ipam.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.net.PodRef;
import io.terway.net.ZoneId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Answers AdmissionReviews of pods: one that has a fixed address is given a node affinity to the address's zone. */
public final class ZoneHint {

    static final String ZONE = "topology.kubernetes.io/zone";

    private static final String VERSION = "admission.k8s.io/v1";
    private static final int LONGEST_UID = 128;
    private static final String BINDABLE = "k8s.aliyun.com/pod-bindable";
    private static final String AFFINITY = "/spec/affinity";
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Function<PodRef, Optional<ZoneId>> zones;
    private final Predicate<PodRef> bindable;

    /**
     * @param zones where a pod has its fixed address
     * @param bindable whether this StatefulSet asks for fixed addresses of its pods
     */
    public ZoneHint(Function<PodRef, Optional<ZoneId>> zones, Predicate<PodRef> bindable) {
        this.zones = zones;
        this.bindable = bindable;
    }

    /** @throws IllegalArgumentException naming what is missing */
    ObjectNode answer(JsonNode review) {
        JsonNode request = review.path("request");
        String uid = request.path("uid").asText("");
        boolean review1 = review.path("apiVersion").asText("").equals(VERSION)
                && review.path("kind").asText("").equals("AdmissionReview");
        if (!review1 || uid.isEmpty() || uid.length() > LONGEST_UID) {
            throw new IllegalArgumentException("an AdmissionReview of " + VERSION + " with a request.uid of at most "
                    + LONGEST_UID + " characters is expected");
        }
        ObjectNode response = JSON.objectNode().put("uid", uid).put("allowed", true);
        patch(request)
                .ifPresent(patch -> response.put("patchType", "JSONPatch")
                        .put(
                                "patch",
                                Base64.getEncoder()
                                        .encodeToString(patch.toString().getBytes(StandardCharsets.UTF_8))));
        ObjectNode answer = JSON.objectNode().put("apiVersion", VERSION).put("kind", "AdmissionReview");
        answer.set("response", response);
        return answer;
    }

    private Optional<ArrayNode> patch(JsonNode request) {
        JsonNode pod = request.path("object");
        String name = pod.at("/metadata/name").asText(request.path("name").asText(""));
        String namespace =
                request.path("namespace").asText(pod.at("/metadata/namespace").asText(""));
        if (!request.at("/kind/kind").asText("").equals("Pod")
                || !request.path("operation").asText("").equals("CREATE")
                || name.isEmpty()
                || namespace.isEmpty()
                || !asks(pod, namespace)) {
            return Optional.empty();
        }
        return zones.apply(new PodRef(namespace, name)).flatMap(zone -> patch(pod, zone));
    }

    /** The pod's own annotation counts first, then its StatefulSet's. */
    private boolean asks(JsonNode pod, String namespace) {
        JsonNode own = pod.path("metadata").path("annotations").path(BINDABLE);
        if (own.isTextual()) {
            return own.asText().equals("true");
        }
        for (JsonNode owner : pod.at("/metadata/ownerReferences")) {
            if (owner.path("kind").asText("").equals("StatefulSet")
                    && owner.path("controller").asBoolean()
                    && bindable.test(new PodRef(namespace, owner.path("name").asText("unknown")))) {
                return true;
            }
        }
        return false;
    }

    /** Terms are alternatives, so the zone goes into each of them. */
    private static Optional<ArrayNode> patch(JsonNode pod, ZoneId zone) {
        JsonNode affinity = pod.at(AFFINITY);
        JsonNode node = affinity.path("nodeAffinity");
        JsonNode required = node.path(REQUIRED);
        ArrayNode terms = JSON.arrayNode();
        boolean changed = false;
        for (JsonNode term : required.path("nodeSelectorTerms")) {
            JsonNode expressions = term.path("matchExpressions");
            if (!term.isObject() || !expressions.isArray() && !expressions.isMissingNode()) {
                return Optional.empty(); // no API server lets such a pod through
            }
            ObjectNode narrowed = term.deepCopy();
            if (!says(term, zone)) {
                narrowed.withArrayProperty("matchExpressions").add(expression(zone));
                changed = true;
            }
            terms.add(narrowed);
        }
        if (terms.isEmpty()) {
            ObjectNode term = JSON.objectNode();
            term.withArrayProperty("matchExpressions").add(expression(zone));
            terms.add(term);
            changed = true;
        }
        if (!changed) {
            return Optional.empty();
        }
        ObjectNode value = JSON.objectNode();
        value.set("nodeSelectorTerms", terms);
        String path = AFFINITY + "/nodeAffinity/" + REQUIRED;
        if (!node.isObject()) {
            value = JSON.objectNode().set(REQUIRED, value);
            path = AFFINITY + "/nodeAffinity";
        }
        if (!affinity.isObject()) {
            value = JSON.objectNode().set("nodeAffinity", value);
            path = AFFINITY;
        }
        ObjectNode operation = JSON.objectNode().put("op", "add").put("path", path); // add replaces what is there
        operation.set("value", value);
        return Optional.of(JSON.arrayNode().add(operation));
    }

    private static boolean says(JsonNode term, ZoneId zone) {
        for (JsonNode expression : term.path("matchExpressions")) {
            if (expression.equals(expression(zone))) {
                return true;
            }
        }
        return false;
    }

    private static ObjectNode expression(ZoneId zone) {
        ObjectNode expression = JSON.objectNode().put("key", ZONE).put("operator", "In");
        expression.putArray("values").add(zone.value());
        return expression;
    }
}
