package io.terway.lab.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.http.Requests;
import io.terway.lab.api.object.Json;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever comes in, the answer is a Status that says what is wrong, and never a 500. */
class BadInputIT {

    private static final String PODS = "/api/v1/namespaces/default/pods";

    @TempDir
    Path directory;

    private EmbeddedApi api;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws IOException {
        api = EmbeddedApi.start(ApiOptions.of("127.0.0.1", 0, directory.resolve("state")));
    }

    @AfterEach
    void stop() throws IOException {
        http.close();
        api.close();
    }

    private HttpResponse<byte[]> send(String method, String path, String type, byte[] body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api.url() + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .header("Content-Type", type)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private JsonNode send(String method, String path, String body) throws Exception {
        return Json.parse(
                send(method, path, "application/json", body.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                        .body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|400|BadRequest",
                "''|400|BadRequest",
                "[]|400|BadRequest",
                "{} trailing|400|BadRequest",
                "{\"metadata\":7}|400|BadRequest",
                "{\"metadata\":{\"name\":7}}|400|BadRequest",
                "{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":1}}}|400|BadRequest",
                "{\"metadata\":{\"name\":\"a\",\"labels\":[]}}|400|BadRequest",
                "{\"metadata\":{\"name\":\"a\",\"namespace\":\"other\"}}|400|BadRequest",
                "{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}|400|BadRequest",
                "{\"metadata\":{\"name\":\"a\"},\"spec\":\"x\"}|400|BadRequest",
                "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[7]}}|422|Invalid",
                "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":{}}}|422|Invalid",
                "{\"metadata\":{\"name\":\"a\"}}|422|Invalid",
                "{\"metadata\":{\"name\":\"A_\"}}|422|Invalid",
                "{\"metadata\":{}}|422|Invalid",
                "{\"metadata\":{\"name\":\"a\",\"labels\":{\"-\":\"1\"}}}|422|Invalid",
                "{\"metadata\":{\"name\":\"a\",\"ownerReferences\":[{}]}}|422|Invalid"
            })
    void aWrongPodIsRefused(String body, int code, String reason) throws Exception {
        JsonNode status = send("POST", PODS, body);

        assertEquals(code, status.path("code").asInt(), status.toString());
        assertEquals(reason, status.path("reason").asText());
        assertEquals("Status", status.path("kind").asText());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/frobs, 404",
        "GET, /apis/frob.io/v1/x, 404",
        "GET, /apis/frob.io, 404",
        "GET, /frob, 404",
        "GET, /api/v1/pods/a, 404",
        "GET, /api/v1/namespaces/default/nodes, 404",
        "GET, /api/v1/namespaces/default/pods/a/b/c, 404",
        "GET, /api/v1/namespaces/default/pods/a/log, 404",
        "GET, /api/v1/pods?limit=x, 400",
        "GET, /api/v1/pods?labelSelector=%3D, 400",
        "GET, /api/v1/pods?fieldSelector=x, 400",
        "GET, /api/v1/pods?resourceVersion=-1, 400",
        "GET, /api/v1/pods?resourceVersion=999999, 504",
        "GET, /api/v1/pods?continue=frob, 410",
        "GET, /api/v1/pods?watch=1&resourceVersion=x, 400",
        "GET, /api/v1/frobs?watch=1, 404",
        "PUT, /api/v1/pods, 405",
        "POST, /api/v1/nodes/n1, 405",
        "DELETE, /api/v1/namespaces/kube-system, 403",
        "PATCH, /api/v1/namespaces/default/pods/a, 415",
        "DELETE, /api/v1/namespaces/default/pods/a?gracePeriodSeconds=x, 400",
        "DELETE, /api/v1/namespaces/default/pods/a?propagationPolicy=x, 400"
    })
    void aWrongRequestIsRefused(String method, String path, int code) throws Exception {
        HttpResponse<byte[]> response = send(method, path, "application/json", "{}".getBytes(StandardCharsets.UTF_8));

        assertEquals(code, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        assertEquals(code, Json.parse(response.body()).path("code").asInt());
    }

    @Test
    void aBodyAboveTheLimitIsRefused() throws Exception {
        assertEquals(
                413,
                send("POST", PODS, "application/json", new byte[Requests.MAX_BODY + 1])
                        .statusCode());
    }

    @Test
    void damagedBodiesOfEveryTypeAreRefused() throws Exception {
        Random random = new Random(7);
        send("POST", "/api/v1/namespaces/default/configmaps", "{'metadata':{'name':'m'}}");
        String good =
                "{\"metadata\":{\"name\":\"m\",\"labels\":{\"a\":\"b\"}},\"data\":{\"a\":\"b\"},\"x\":[1,{\"y\":null}]}";
        for (int i = 0; i < 300; i++) {
            byte[] body = good.getBytes(StandardCharsets.UTF_8);
            body[random.nextInt(body.length)] = (byte) "{}[]\":,x0".charAt(random.nextInt(9));
            String type = new String[] {
                        "application/merge-patch+json",
                        "application/strategic-merge-patch+json",
                        "application/apply-patch+yaml",
                        "application/json-patch+json"
                    }
                    [i % 4];

            int code = send("PATCH", "/api/v1/namespaces/default/configmaps/m?fieldManager=t", type, body)
                    .statusCode();

            assertTrue(code < 500, code + " for " + type + ": " + new String(body, StandardCharsets.UTF_8));
        }
    }

    @Test
    void damagedProtobufIsRefused() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] body = new byte[4 + random.nextInt(40)];
            random.nextBytes(body);
            System.arraycopy(new byte[] {'k', '8', 's', 0}, 0, body, 0, 4);

            int code = send("POST", "/api/v1/namespaces", "application/vnd.kubernetes.protobuf", body)
                    .statusCode();

            assertTrue(code >= 400 && code < 500, "code " + code);
        }
    }

    @Test
    void aBrokenRequestLineDoesNotDisturbOthers() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", api.port())) {
            socket.getOutputStream().write("FROB / \0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            socket.getInputStream().readAllBytes();
        }

        assertEquals("PodList", send("GET", PODS, "").path("kind").asText());
    }
}
