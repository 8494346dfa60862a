package io.terway.eni.ecs;

import com.aliyuncs.auth.AlibabaCloudCredentials;
import com.aliyuncs.auth.AlibabaCloudCredentialsProvider;
import com.aliyuncs.auth.BasicCredentials;
import com.aliyuncs.auth.BasicSessionCredentials;
import com.aliyuncs.exceptions.ClientException;
import io.terway.eni.ecs.RamRole.Session;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the access key comes from: environment, mounted secret, RAM role of the instance, the first that has one. What
 * was found is used for a while, then looked for again, so that a rotated secret is taken up without a restart.
 */
public final class CredentialChain implements AlibabaCloudCredentialsProvider {

    /** {@link #source} when there is no access key. */
    public static final String NONE = "none";

    /** How long an answer is used. */
    static final Duration RECHECK = Duration.ofSeconds(60);

    /** A role's session is renewed this long before its end. */
    static final Duration RENEW_BEFORE = Duration.ofMinutes(5);

    private final Function<String, Optional<String>> environment;
    private final Path secretDir;
    private final RamRole ramRole;

    // guarded by this
    private Found found = new Found(NONE, Optional.empty(), Instant.MIN);

    private record Found(String source, Optional<AlibabaCloudCredentials> credentials, Instant until) {}

    /**
     * @param environment reads a variable such as ALIBABA_CLOUD_ACCESS_KEY_ID
     * @param secretDir holds the files access-key-id and access-key-secret, if it is mounted
     */
    CredentialChain(Function<String, Optional<String>> environment, Path secretDir, RamRole ramRole) {
        this.environment = environment;
        this.secretDir = secretDir;
        this.ramRole = ramRole;
    }

    /** The chain over an environment, a directory and the metadata service at this address. */
    public static CredentialChain of(Function<String, Optional<String>> environment, Path secretDir, URI metadata) {
        return new CredentialChain(environment, secretDir, new RamRole(metadata));
    }

    @Override
    public AlibabaCloudCredentials getCredentials() throws ClientException {
        return current()
                .credentials()
                .orElseThrow(() -> new ClientException(
                        "Forbidden.NoCredentials",
                        "no access key: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, mount a "
                                + "secret at " + secretDir + ", or give the instance a RAM role"));
    }

    /** "environment", "mounted secret", "RAM role NAME" or "none". Never holds a secret. */
    public String source() {
        return current().source();
    }

    /** Looks again at the next call, after the cloud refused the key. */
    public synchronized void distrust() {
        found = new Found(found.source(), found.credentials(), Instant.MIN);
    }

    private synchronized Found current() {
        Instant now = Instant.now();
        if (!now.isBefore(found.until())) {
            found = fromEnvironment(now)
                    .or(() -> fromSecret(now))
                    .or(() -> fromRole(now))
                    // A key that worked stays in use while its source cannot be reached.
                    .orElse(new Found(found.source(), found.credentials(), now.plus(RECHECK)));
        }
        return found;
    }

    private Optional<Found> fromEnvironment(Instant now) {
        Optional<String> id = environment.apply("ALIBABA_CLOUD_ACCESS_KEY_ID");
        Optional<String> secret = environment.apply("ALIBABA_CLOUD_ACCESS_KEY_SECRET");
        if (id.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        AlibabaCloudCredentials credentials = environment
                .apply("ALIBABA_CLOUD_SECURITY_TOKEN")
                .<AlibabaCloudCredentials>map(token -> new BasicSessionCredentials(id.get(), secret.get(), token))
                .orElseGet(() -> new BasicCredentials(id.get(), secret.get()));
        return Optional.of(new Found("environment", Optional.of(credentials), now.plus(RECHECK)));
    }

    private Optional<Found> fromSecret(Instant now) {
        Map<String, Path> files =
                Map.of("id", secretDir.resolve("access-key-id"), "secret", secretDir.resolve("access-key-secret"));
        if (!files.values().stream().allMatch(Files::isReadable)) {
            return Optional.empty();
        }
        try {
            String id = Files.readString(files.get("id")).strip();
            String secret = Files.readString(files.get("secret")).strip();
            return Optional.of(
                    new Found("mounted secret", Optional.of(new BasicCredentials(id, secret)), now.plus(RECHECK)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<Found> fromRole(Instant now) {
        return ramRole.fetch()
                .map(session ->
                        new Found("RAM role " + session.role(), Optional.of(session.credentials()), end(session, now)));
    }

    private static Instant end(Session session, Instant now) {
        Instant renew = session.expires().minus(RENEW_BEFORE);
        return renew.isAfter(now.plus(RECHECK)) ? renew : now.plus(RECHECK);
    }
}
