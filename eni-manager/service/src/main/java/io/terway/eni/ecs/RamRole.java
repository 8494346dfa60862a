package io.terway.eni.ecs;

import com.aliyuncs.auth.BasicSessionCredentials;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.terway.eni.ecs.CredentialChain.Session;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** The credentials of the instance's RAM role, from instance metadata version 2. */
public final class RamRole {

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final String TOKEN_SECONDS = "300";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI metadata;

    public RamRole(URI metadata) {
        this.metadata = metadata;
    }

    /** One fetch, three requests; empty when there is no metadata service or no role. Blocks at most 3 s or so. */
    Optional<Session> fetch() {
        try {
            String token = token();
            Optional<String> role = get("ram/security-credentials/", token).map(String::strip);
            if (role.isEmpty() || role.get().isEmpty()) {
                return Optional.empty();
            }
            return get("ram/security-credentials/" + role.get(), token).map(json -> session(role.get(), json));
        } catch (IOException | JsonParseException | DateTimeParseException | IllegalStateException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private String token() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(metadata.resolve("/latest/api/token"))
                .header("X-aliyun-ecs-metadata-token-ttl-seconds", TOKEN_SECONDS)
                .timeout(PATIENCE)
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    private Optional<String> get(String path, String token) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(metadata.resolve("/latest/meta-data/" + path))
                .header("X-aliyun-ecs-metadata-token", token)
                .timeout(PATIENCE)
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    }

    private static Session session(String role, String json) {
        JsonObject fields = JsonParser.parseString(json).getAsJsonObject();
        return new Session(
                role,
                new BasicSessionCredentials(
                        fields.get("AccessKeyId").getAsString(),
                        fields.get("AccessKeySecret").getAsString(),
                        fields.get("SecurityToken").getAsString()),
                Instant.parse(fields.get("Expiration").getAsString()));
    }
}
