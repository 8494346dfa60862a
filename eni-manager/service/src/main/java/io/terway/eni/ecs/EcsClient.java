package io.terway.eni.ecs;

import com.aliyuncs.AcsRequest;
import com.aliyuncs.AcsResponse;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.endpoint.DefaultEndpointResolver;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.http.HttpClientConfig;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.ElectionTimes;
import io.terway.eni.config.EniManagerConfig;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** One SDK client: endpoint, protocol, timeouts, credentials. Turns the SDK's exceptions into classified failures. */
public final class EcsClient {

    /** Longest wait for a connection. */
    static final Duration CONNECT = Duration.ofSeconds(2);

    /** Longest wait for the answer of a read. */
    static final Duration ANSWER = Duration.ofSeconds(10);

    /** Longest wait for the answer of a mutating call, connection included: no call may outlive the lease. */
    public static final Duration MUTATION = ElectionTimes.LONGEST_CALL;

    private final DefaultAcsClient client;
    private final CredentialChain credentials;
    private final ProtocolType protocol;

    public EcsClient(EniManagerConfig.Ecs config, CredentialChain credentials) {
        this.credentials = credentials;
        protocol = switch (config.protocol()) {
            case HTTP -> ProtocolType.HTTP;
            case HTTPS -> ProtocolType.HTTPS;
        };
        DefaultProfile profile = DefaultProfile.getProfile(config.region());
        HttpClientConfig http = HttpClientConfig.getDefault();
        http.setProtocolType(protocol);
        // Keeps the constructor from building the SDK's JVM-wide Apache client, which is replaced right after.
        http.setCompatibleMode(true);
        profile.setHttpClientConfig(http);
        client = new DefaultAcsClient(profile, credentials);
        client.setHttpClient(new JdkHttp(CONNECT, ANSWER));
        config.endpoint().ifPresent(endpoint -> override(profile, config.region(), endpoint));
    }

    private void override(DefaultProfile profile, String region, String endpoint) {
        DefaultEndpointResolver resolver = new DefaultEndpointResolver(client, profile);
        resolver.putEndpointEntry(region, "Ecs", endpoint);
        resolver.putEndpointEntry(region, "Vpc", endpoint);
        client.setEndpointResolver(resolver);
    }

    /** Sends a fresh request object once; {@code read} makes a value of the answer. */
    public <A extends AcsResponse, T> CloudResult<T> send(
            AcsRequest<A> request, Optional<Duration> limit, Function<A, T> read) {
        request.setSysProtocol(protocol);
        limit.ifPresent(most -> request.setSysReadTimeout((int) most.toMillis()));
        try {
            return CloudResult.ok(read.apply(client.getAcsResponse(request)));
        } catch (ClientException e) {
            return CloudResult.failed(classify(request, e));
        } catch (IllegalArgumentException | NullPointerException e) {
            // The SDK's reader throws these on numbers and arrays it does not understand; so do our value records.
            return CloudResult.failed(CloudFailure.of(
                    "", "the answer to " + request.getSysActionName() + " is not readable: " + e.getMessage()));
        }
    }

    private CloudFailure classify(AcsRequest<?> request, ClientException e) {
        String action = request.getSysActionName();
        CloudFailure failure = CloudFailure.of(e.getErrCode(), action + ": " + e.getErrMsg());
        if (!(failure instanceof CloudFailure.Forbidden(String code, String message))) {
            return failure;
        }
        credentials.distrust();
        String permission = request.getSysProduct().toLowerCase(Locale.ROOT) + ":" + action;
        return new CloudFailure.Forbidden(code, explain(code, permission) + " (" + message + ")");
    }

    /** What a person can do about a refusal for want of rights. */
    private String explain(String code, String permission) {
        String source = credentials.lastSource();
        if (code.equals("Forbidden.NoCredentials")) {
            return permission + " was not sent";
        }
        if (code.startsWith("InvalidAccessKeyId")
                || code.startsWith("InvalidSecurityToken")
                || code.startsWith("Signature")
                || code.equals("SDK.InvalidAccessKeySecret")
                || code.equals("IncompleteSignature")
                || code.equals("Forbidden.AccessKeyDisabled")) {
            return permission + " was refused for its access key from " + source + "; renew it there";
        }
        if (code.contains("Time")) {
            return permission + " was refused for its time; set this machine's clock";
        }
        if (code.equals("InsufficientBalance") || code.startsWith("Abs.")) {
            return permission + " was refused for the account's state; look at its balance";
        }
        return "the RAM user or role of the access key from " + source + " may not call " + permission
                + "; allow it in its policy";
    }
}
