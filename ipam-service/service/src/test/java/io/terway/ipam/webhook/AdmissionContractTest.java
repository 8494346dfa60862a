package io.terway.ipam.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.zjsonpatch.JsonPatch;
import io.terway.net.PodRef;
import io.terway.net.ZoneId;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The other side of AdmissionReview v1 as an API server reads it: an answer that it would not take is an error of the webhook,
 * and costs each pod its time-out. No real API server runs here; what it checks of an answer is checked instead.
 */
class AdmissionContractTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ZoneId ZONE = new ZoneId("cn-hangzhou-h");

    private final Vertx vertx = Vertx.vertx();
    private final ZoneWebhook webhook = new ZoneWebhook(
            vertx,
            "localhost",
            0,
            Optional.empty(),
            new ZoneHint(pod -> Optional.of(ZONE).filter(_ -> pod.equals(new PodRef("db", "redis-0"))), _ -> false),
            Duration.ofMillis(1_500));
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() {
        webhook.start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (webhook.port() <= 0) {
            assertTrue(System.nanoTime() < deadline, "not served within 30 s");
            Thread.onSpinWait();
        }
    }

    @AfterEach
    void stop() {
        http.close();
        webhook.close();
        vertx.close();
    }

    private static ObjectNode review(String spec) throws IOException {
        return (ObjectNode)
                JSON.readTree(ZoneHintTest.review("redis-0", "\"k8s.aliyun.com/pod-bindable\":\"true\"", spec));
    }

    private HttpResponse<String> post(String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(
                                URI.create("http://localhost:" + webhook.port() + ZoneWebhook.PATH + "?timeout=2s"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** What an API server makes of the answer: the object as it would be stored; throws where it would call it an error. */
    private JsonNode admitted(ObjectNode review) throws Exception {
        HttpResponse<String> answer = post(review.toString());
        assertEquals(200, answer.statusCode(), answer::body);
        JsonNode answered = JSON.readTree(answer.body());
        assertEquals("AdmissionReview", answered.path("kind").asText());
        assertEquals("admission.k8s.io/v1", answered.path("apiVersion").asText());
        JsonNode response = answered.path("response");
        assertEquals(review.at("/request/uid"), response.path("uid"));
        assertTrue(
                response.path("allowed").isBoolean() && response.path("allowed").asBoolean());
        JsonNode object = review.at("/request/object");
        assertEquals(response.has("patch"), response.has("patchType"), "both or none");
        if (!response.has("patch")) {
            return object;
        }
        assertEquals("JSONPatch", response.path("patchType").asText());
        JsonNode patch =
                JSON.readTree(Base64.getDecoder().decode(response.path("patch").asText()));
        JsonNode patched = JsonPatch.apply(patch, object);
        Serialization.unmarshal(patched.toString(), Pod.class); // still a pod
        return patched;
    }

    private static String zoneOf(JsonNode pod) {
        return pod.at("/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0"
                        + "/matchExpressions/0/values/0")
                .asText();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"containers\":[]}",
                "{\"affinity\":{}}",
                "{\"affinity\":null}",
                "{\"affinity\":{\"podAffinity\":{}}}",
                "{\"affinity\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":[]}}}"
            })
    void thePatchAppliesToThePodItWasMadeFor(String spec) throws Exception {
        JsonNode patched = admitted(review(spec));

        assertEquals(ZONE.value(), zoneOf(patched));
    }

    /** reinvocationPolicy IfNeeded: it is asked again after others have changed the pod. */
    @Test
    void askedAgainItChangesNothingMore() throws Exception {
        ObjectNode review = review("{}");
        JsonNode once = admitted(review);
        ((ObjectNode) review.path("request")).set("object", once);

        assertEquals(once, admitted(review));
    }

    @Test
    void aDryRunIsAnsweredLikeAnyOther() throws Exception {
        ObjectNode dry = review("{}");
        ((ObjectNode) dry.path("request")).put("dryRun", true);

        assertEquals(admitted(review("{}")), admitted(dry));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kind\":{\"group\":\"apps\",\"version\":\"v1\",\"kind\":\"StatefulSet\"}}",
                "{\"operation\":\"UPDATE\"}",
                "{\"operation\":\"DELETE\",\"object\":null}",
                "{\"object\":{\"metadata\":{\"generateName\":\"redis-\"}}}",
                "{\"object\":7}",
                "{\"namespace\":\"\"}",
                "{\"object\":{\"metadata\":{\"name\":\"redis-0\",\"annotations\":[\"k8s.aliyun.com/pod-bindable\"]}}}"
            })
    void whatIsNotAskedForPassesUnchanged(String request) throws Exception {
        ObjectNode review = review("{}");
        ((ObjectNode) review.path("request")).setAll((ObjectNode) JSON.readTree(request));

        assertEquals(review.at("/request/object"), admitted(review));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"affinity\":7}",
                "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":"
                        + "{\"nodeSelectorTerms\":[7,\"x\",null]}}}}",
                "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":"
                        + "{\"nodeSelectorTerms\":[{\"matchExpressions\":{\"key\":\"x\"}}]}}}}",
                "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[]}}}"
            })
    void aSpecThatIsNoneIsAnsweredAllTheSame(String spec) throws Exception {
        assertEquals(200, post(review(spec).toString()).statusCode());
    }

    @Test
    void whatIsNoReviewOfThisVersionIsRefused() throws Exception {
        String deep = "[".repeat(100_000);
        List<String> bodies =
                new ArrayList<>(List.of("", "null", "[]", "{", "\"\\ud800\"", deep, "{\"request\":" + deep));
        for (String change : List.of(
                "{\"apiVersion\":\"admission.k8s.io/v1beta1\"}",
                "{\"kind\":\"Pod\"}",
                "{\"request\":{}}",
                "{\"request\":null}",
                "{\"request\":{\"uid\":\"" + "u".repeat(1_000) + "\"}}")) {
            ObjectNode review = review("{}");
            review.setAll((ObjectNode) JSON.readTree(change));
            bodies.add(review.toString());
        }
        for (String body : bodies) {
            HttpResponse<String> answer = post(body);
            assertEquals(400, answer.statusCode(), () -> body.substring(0, Math.min(80, body.length())));
            assertTrue(answer.body().length() < 2_000, "one line is enough");
        }
    }

    @Test
    void aNameThatIsNoneIsRefused() throws Exception {
        ObjectNode review = review("{}");
        ((ObjectNode) review.at("/request/object/metadata")).put("name", "x".repeat(10_000));

        assertEquals(400, post(review.toString()).statusCode());
    }

    @Test
    void aPodAsLargeAsEtcdTakesIsAnswered() throws Exception {
        ObjectNode review = review("{}");
        ((ObjectNode) review.at("/request/object/metadata/annotations")).put("large", "x".repeat(1_500_000));

        assertEquals(ZONE.value(), zoneOf(admitted(review)));
    }

    @Test
    void whoeverNeverFinishesSendingIsCutAndOthersAreServed() throws Exception {
        try (Socket slow = new Socket("localhost", webhook.port())) {
            OutputStream out = slow.getOutputStream();
            out.write(("POST " + ZoneWebhook.PATH + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            assertEquals(ZONE.value(), zoneOf(admitted(review("{}"))), "others are served meanwhile");
            slow.setSoTimeout(60_000);

            InputStream in = slow.getInputStream();

            assertEquals(-1, in.read(), "cut");
        }
    }

    @Test
    void aFloodOfConnectionsIsCutAndMakesRoomAgain() throws Exception {
        List<Socket> flood = new ArrayList<>();
        try {
            for (int i = 0; i < ZoneWebhook.MOST_CONNECTIONS + 20; i++) {
                flood.add(new Socket("localhost", webhook.port()));
            }
            Socket last = flood.getLast();
            last.setSoTimeout(60_000);
            assertEquals(-1, last.getInputStream().read(), "one too many");
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        boolean served = false;
        while (!served) {
            assertFalse(System.nanoTime() > deadline, "still cut");
            try {
                served = zoneOf(admitted(review("{}"))).equals(ZONE.value());
            } catch (IOException e) {
                served = false; // the ends of the others are still to come
            }
        }
    }
}
