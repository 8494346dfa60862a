package io.terway.eni.ecs;

import com.aliyuncs.auth.AlibabaCloudCredentials;
import com.aliyuncs.auth.AlibabaCloudCredentialsProvider;
import com.aliyuncs.auth.BasicCredentials;
import com.aliyuncs.auth.BasicSessionCredentials;
import com.aliyuncs.exceptions.ClientException;
import io.terway.eni.config.LiveConfig.AccessKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where the access key comes from, the first that has one: keys of eni-config, the file its credential_path names,
 * environment, mounted secret, role by the service account's token (RRSA), RAM role of the instance. What was found is used
 * for a while, then looked for again, so that a rotated secret is taken up without a restart.
 */
public final class CredentialChain implements AlibabaCloudCredentialsProvider {

    /** {@link #source} when there is no access key. */
    public static final String NONE = "none";

    /** How long an answer is used. */
    static final Duration RECHECK = Duration.ofSeconds(60);

    /** A role's session is renewed this long before its end. */
    static final Duration RENEW_BEFORE = Duration.ofMinutes(5);

    private final Sources sources;

    // guarded by this
    private Found found = new Found(NONE, Optional.empty(), Instant.MIN);

    /** Why credential_path gave no key when last looked at; guarded by this. */
    private Optional<String> pathTrouble = Optional.empty();

    private record Found(String source, Optional<AlibabaCloudCredentials> credentials, Instant until) {}

    /**
     * @param configMap the key in eni-config, if there is one
     * @param credentialPath what credential_path of eni-config names, if it is set
     * @param environment reads a variable such as ALIBABA_CLOUD_ACCESS_KEY_ID
     * @param secretDirs each may hold the files access-key-id and access-key-secret
     */
    public record Sources(
            Supplier<Optional<AccessKey>> configMap,
            Supplier<Optional<Path>> credentialPath,
            Function<String, Optional<String>> environment,
            List<Path> secretDirs,
            OidcRole oidcRole,
            RamRole ramRole) {
        public Sources {
            secretDirs = List.copyOf(secretDirs);
        }
    }

    /** A session that ends at {@code expires}. */
    record Session(String role, BasicSessionCredentials credentials, Instant expires) {}

    public CredentialChain(Sources sources) {
        this.sources = sources;
    }

    @Override
    public AlibabaCloudCredentials getCredentials() throws ClientException {
        return current()
                .credentials()
                .orElseThrow(() -> new ClientException(
                        "Forbidden.NoCredentials",
                        "no access key: set access_key and access_secret in eni-config, or ALIBABA_CLOUD_ACCESS_KEY_ID"
                                + " and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or mount a secret at one of "
                                + sources.secretDirs() + ", or bind a role to the service account (RRSA), or give the"
                                + " instance a RAM role"
                                + pathTrouble().map(why -> "; " + why).orElse("")));
    }

    /**
     * "eni-config", "credential_path FILE", "environment", "mounted secret DIR", "RRSA role ARN", "RAM role NAME" or "none".
     * Never a secret.
     */
    public String source() {
        return current().source();
    }

    /** Why the file of credential_path is not what is used, if it is set and is not. */
    public synchronized Optional<String> pathTrouble() {
        return pathTrouble;
    }

    /** The source as last used; no I/O. */
    synchronized String lastSource() {
        return found.source();
    }

    /** Looks again at the next call, after the cloud refused the key. */
    public synchronized void distrust() {
        found = new Found(found.source(), found.credentials(), Instant.MIN);
    }

    private synchronized Found current() {
        Instant now = Instant.now();
        if (!now.isBefore(found.until())) {
            pathTrouble = Optional.empty();
            found = fromConfigMap(now)
                    .or(() -> fromPath(now))
                    .or(() -> fromEnvironment(now))
                    .or(() -> fromSecret(now))
                    .or(() -> sources.oidcRole().fetch().map(session -> found("RRSA role ", session, now)))
                    .or(() -> sources.ramRole().fetch().map(session -> found("RAM role ", session, now)))
                    // A key that worked stays in use while its source cannot be reached.
                    .orElse(new Found(found.source(), found.credentials(), now.plus(RECHECK)));
        }
        return found;
    }

    private Optional<Found> fromConfigMap(Instant now) {
        return sources.configMap()
                .get()
                .map(key -> new Found(
                        "eni-config", Optional.of(new BasicCredentials(key.id(), key.secret())), now.plus(RECHECK)));
    }

    private Optional<Found> fromPath(Instant now) {
        Path path = sources.credentialPath().get().orElse(null);
        if (path == null) {
            return Optional.empty();
        }
        if (Files.isDirectory(path)) {
            Optional<Found> files = fromSecret(path, now);
            pathTrouble = files.isPresent()
                    ? Optional.empty()
                    : Optional.of("eni_conf.credential_path is '" + path
                            + "', a directory without the files access-key-id and access-key-secret");
            return files;
        }
        try {
            return Optional.of(
                    new Found("credential_path " + path, Optional.of(AddonToken.read(path, now)), now.plus(RECHECK)));
        } catch (AddonToken.Unusable e) {
            pathTrouble =
                    Optional.of("eni_conf.credential_path is '" + path + "', which gives no key: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<Found> fromEnvironment(Instant now) {
        Optional<String> id = sources.environment().apply("ALIBABA_CLOUD_ACCESS_KEY_ID");
        Optional<String> secret = sources.environment().apply("ALIBABA_CLOUD_ACCESS_KEY_SECRET");
        if (id.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        AlibabaCloudCredentials credentials = sources.environment()
                .apply("ALIBABA_CLOUD_SECURITY_TOKEN")
                .<AlibabaCloudCredentials>map(token -> new BasicSessionCredentials(id.get(), secret.get(), token))
                .orElseGet(() -> new BasicCredentials(id.get(), secret.get()));
        return Optional.of(new Found("environment", Optional.of(credentials), now.plus(RECHECK)));
    }

    private Optional<Found> fromSecret(Instant now) {
        return sources.secretDirs().stream()
                .flatMap(dir -> fromSecret(dir, now).stream())
                .findFirst();
    }

    private static Optional<Found> fromSecret(Path dir, Instant now) {
        Path idFile = dir.resolve("access-key-id");
        Path secretFile = dir.resolve("access-key-secret");
        if (!Files.isReadable(idFile) || !Files.isReadable(secretFile)) {
            return Optional.empty();
        }
        try {
            String id = Files.readString(idFile).strip();
            String secret = Files.readString(secretFile).strip();
            return id.isEmpty() || secret.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Found(
                            "mounted secret " + dir, Optional.of(new BasicCredentials(id, secret)), now.plus(RECHECK)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Found found(String kind, Session session, Instant now) {
        return new Found(kind + session.role(), Optional.of(session.credentials()), end(session, now));
    }

    private static Instant end(Session session, Instant now) {
        Instant renew = session.expires().minus(RENEW_BEFORE);
        return renew.isAfter(now.plus(RECHECK)) ? renew : now.plus(RECHECK);
    }
}
