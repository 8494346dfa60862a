package io.terway.lab.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Passes `lab fault` on to the simulator's control API; what a fault is, the simulator says. */
final class Faults {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private Faults() {}

    /** The request holds "method", "path" below the control API, and "body" (may be empty). */
    static JsonNode ask(CloudFacts cloud, ObjectNode request) throws IOException {
        if (cloud == null) {
            throw new Refusal("the cloud is still starting");
        }
        HttpURLConnection connection = (HttpURLConnection)
                URI.create(cloud.control() + request.path("path").asText())
                        .toURL()
                        .openConnection();
        connection.setConnectTimeout((int) LIMIT.toMillis());
        connection.setReadTimeout((int) LIMIT.toMillis());
        connection.setRequestMethod(request.path("method").asText());
        String body = request.path("body").asText();
        if (!body.isEmpty()) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (status >= 400) {
                throw new Refusal("the cloud refuses (HTTP " + status + "): " + text.strip());
            }
            return read(text);
        }
    }

    private static JsonNode read(String text) {
        try {
            return text.isBlank() ? JSON.createObjectNode() : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return JSON.getNodeFactory().textNode(text);
        }
    }
}
