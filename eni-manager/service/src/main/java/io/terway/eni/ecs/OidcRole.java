package io.terway.eni.ecs;

import com.aliyuncs.auth.BasicSessionCredentials;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.terway.eni.ecs.CredentialChain.Session;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The credentials of a role that the pod's service account may take (RRSA): its projected token is exchanged at STS by
 * AssumeRoleWithOIDC, which needs no signature. The variables are those that the cloud's webhook sets.
 */
public final class OidcRole {

    private static final Logger LOG = Logger.getLogger(OidcRole.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String SESSION_SECONDS = "3600";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final Function<String, Optional<String>> environment;
    private final URI sts;

    /** @param sts where STS answers */
    public OidcRole(Function<String, Optional<String>> environment, URI sts) {
        this.environment = environment;
        this.sts = sts;
    }

    /** One exchange; empty when the variables are not set or STS refuses, which is logged. Blocks at most 10 s. */
    Optional<Session> fetch() {
        Optional<String> role = environment.apply("ALIBABA_CLOUD_ROLE_ARN");
        Optional<String> provider = environment.apply("ALIBABA_CLOUD_OIDC_PROVIDER_ARN");
        Optional<String> file = environment.apply("ALIBABA_CLOUD_OIDC_TOKEN_FILE");
        if (role.isEmpty() || provider.isEmpty() || file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return exchange(
                    role.get(),
                    provider.get(),
                    Files.readString(Path.of(file.get())).strip());
        } catch (IOException | JsonParseException | DateTimeParseException | IllegalStateException e) {
            LOG.warnf("STS gave no session for %s: %s", role.get(), e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private Optional<Session> exchange(String role, String provider, String token)
            throws IOException, InterruptedException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("Action", "AssumeRoleWithOIDC");
        form.put("Version", "2015-04-01");
        form.put("Format", "JSON");
        form.put("Timestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        form.put("RoleArn", role);
        form.put("OIDCProviderArn", provider);
        form.put("OIDCToken", token);
        form.put(
                "RoleSessionName",
                environment.apply("ALIBABA_CLOUD_ROLE_SESSION_NAME").orElse("terway-eni"));
        form.put("DurationSeconds", SESSION_SECONDS);
        String body = form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest request = HttpRequest.newBuilder(sts)
                .timeout(PATIENCE)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        JsonObject fields = JsonParser.parseString(answer.body()).getAsJsonObject();
        if (answer.statusCode() != 200) {
            LOG.warnf(
                    "STS refuses %s: %s %s; check the role's trust policy for this service account",
                    role, text(fields, "Code"), text(fields, "Message"));
            return Optional.empty();
        }
        JsonObject credentials = fields.getAsJsonObject("Credentials");
        return Optional.of(new Session(
                role,
                new BasicSessionCredentials(
                        text(credentials, "AccessKeyId"),
                        text(credentials, "AccessKeySecret"),
                        text(credentials, "SecurityToken")),
                Instant.parse(text(credentials, "Expiration"))));
    }

    private static String text(JsonObject object, String field) {
        return object.has(field) ? object.get(field).getAsString() : "";
    }
}
