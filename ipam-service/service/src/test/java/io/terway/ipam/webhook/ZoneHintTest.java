package io.terway.ipam.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.net.PodRef;
import io.terway.net.ZoneId;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZoneHintTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<PodRef, ZoneId> ZONES = Map.of(new PodRef("db", "redis-0"), new ZoneId("cn-hangzhou-h"));

    private final ZoneHint hint =
            new ZoneHint(pod -> Optional.ofNullable(ZONES.get(pod)), set -> set.equals(new PodRef("db", "redis")));

    static String review(String name, String annotations, String spec) {
        return """
                {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{
                 "uid":"705ab4f5-6393-11e8-b7cc-42010a800002","operation":"CREATE","namespace":"db",
                 "kind":{"group":"","version":"v1","kind":"Pod"},
                 "object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","annotations":{%s},
                   "ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"redis","controller":true}]},
                  "spec":%s}}}""".formatted(name, annotations, spec);
    }

    private Optional<JsonNode> patch(String name, String annotations, String spec) throws Exception {
        JsonNode response =
                hint.answer(JSON.readTree(review(name, annotations, spec))).path("response");
        assertTrue(response.path("allowed").asBoolean());
        assertEquals(
                "705ab4f5-6393-11e8-b7cc-42010a800002", response.path("uid").asText());
        if (!response.has("patch")) {
            return Optional.empty();
        }
        assertEquals("JSONPatch", response.path("patchType").asText());
        JsonNode patch =
                JSON.readTree(Base64.getDecoder().decode(response.path("patch").asText()));
        assertEquals(1, patch.size());
        assertEquals("add", patch.at("/0/op").asText());
        return Optional.of(patch.get(0));
    }

    private static final String BINDABLE = "\"k8s.aliyun.com/pod-bindable\":\"true\"";
    private static final String TERM =
            "{\"key\":\"topology.kubernetes.io/zone\",\"operator\":\"In\",\"values\":[\"cn-hangzhou-h\"]}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"affinity\":{}}",
                "{\"affinity\":{\"podAntiAffinity\":{}}}",
                "{\"affinity\":{\"nodeAffinity\":{}}}",
                "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":"
                        + "{\"nodeSelectorTerms\":[]}}}}"
            })
    void aPodWithoutNodeTermsGetsOne(String spec) throws Exception {
        JsonNode add = patch("redis-0", BINDABLE, spec).orElseThrow();

        String path = add.path("path").asText();
        String below = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
                .substring(path.length() - "/spec".length());
        assertEquals(
                JSON.readTree(TERM),
                add.path("value").at(below + "/nodeSelectorTerms/0/matchExpressions/0"),
                add::toString);
    }

    @Test
    void eachOfSeveralTermsIsNarrowed() throws Exception {
        String spec = "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":"
                + "{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"disk\",\"operator\":\"Exists\"}]},"
                + "{\"matchFields\":[]}]}}}}";

        JsonNode terms = patch("redis-0", BINDABLE, spec).orElseThrow().at("/value/nodeSelectorTerms");

        assertEquals(2, terms.size());
        assertEquals("disk", terms.at("/0/matchExpressions/0/key").asText());
        assertEquals(JSON.readTree(TERM), terms.at("/0/matchExpressions/1"));
        assertEquals(JSON.readTree(TERM), terms.at("/1/matchExpressions/0"));
        assertTrue(terms.at("/1/matchFields").isArray());
    }

    @Test
    void whatIsSaidAlreadyIsNotSaidAgain() throws Exception {
        String spec = "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":"
                + "{\"nodeSelectorTerms\":[{\"matchExpressions\":[" + TERM + "]}]}}}}";

        assertEquals(Optional.empty(), patch("redis-0", BINDABLE, spec));
    }

    @Test
    void theStatefulSetsAnnotationCountsWhereThePodHasNone() throws Exception {
        assertTrue(patch("redis-0", "", "{}").isPresent());
        assertFalse(patch("redis-0", "\"k8s.aliyun.com/pod-bindable\":\"false\"", "{}")
                .isPresent());
    }

    @Test
    void aPodWithoutAnAddressYetMayGoAnywhere() throws Exception {
        assertEquals(Optional.empty(), patch("redis-1", BINDABLE, "{}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "[]", "{\"kind\":\"AdmissionReview\"}", "{\"kind\":\"Pod\",\"request\":{\"uid\":\"u\"}}"})
    void whatIsNoReviewIsRefused(String body) {
        assertThrows(IllegalArgumentException.class, () -> hint.answer(JSON.readTree(body)));
    }
}
