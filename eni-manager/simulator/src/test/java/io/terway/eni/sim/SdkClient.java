package io.terway.eni.sim;

import com.aliyuncs.AcsRequest;
import com.aliyuncs.AcsResponse;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.auth.AlibabaCloudCredentials;
import com.aliyuncs.auth.BasicCredentials;
import com.aliyuncs.auth.BasicSessionCredentials;
import com.aliyuncs.auth.StaticCredentialsProvider;
import com.aliyuncs.endpoint.DefaultEndpointResolver;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.http.HttpClientConfig;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The official Java SDK, pointed at a twin. */
final class SdkClient {

    private final DefaultAcsClient client;

    private SdkClient(DefaultAcsClient client) {
        this.client = client;
    }

    /** The real cloud, over HTTPS. */
    static SdkClient ofRegion(String region, String id, String secret, Optional<String> token) {
        AlibabaCloudCredentials credentials = token.<AlibabaCloudCredentials>map(
                        t -> new BasicSessionCredentials(id, secret, t))
                .orElseGet(() -> new BasicCredentials(id, secret));
        DefaultProfile profile = DefaultProfile.getProfile(region);
        HttpClientConfig config = HttpClientConfig.getDefault();
        config.setProtocolType(ProtocolType.HTTPS);
        profile.setHttpClientConfig(config);
        return new SdkClient(new DefaultAcsClient(profile, new StaticCredentialsProvider(credentials)));
    }

    private SdkClient(EcsSimulator twin, AlibabaCloudCredentials credentials) {
        String region = twin.scenario().region();
        DefaultProfile profile = DefaultProfile.getProfile(region);
        this.client = new DefaultAcsClient(profile, new StaticCredentialsProvider(credentials));
        DefaultEndpointResolver resolver = new DefaultEndpointResolver(client, profile);
        resolver.putEndpointEntry(region, "Ecs", twin.endpoint());
        resolver.putEndpointEntry(region, "Vpc", twin.endpoint());
        client.setEndpointResolver(resolver);
    }

    static SdkClient of(EcsSimulator twin) {
        Scenario.AccessKey key = twin.scenario().accessKey();
        return new SdkClient(twin, new BasicCredentials(key.id(), key.secret()));
    }

    static SdkClient with(EcsSimulator twin, String id, String secret) {
        return new SdkClient(twin, new BasicCredentials(id, secret));
    }

    static SdkClient with(EcsSimulator twin, String id, String secret, String token) {
        return new SdkClient(twin, new BasicSessionCredentials(id, secret, token));
    }

    <T extends AcsResponse, R extends AcsRequest<T>> T call(R request, Consumer<R> fill) {
        fill.accept(request);
        try {
            return client.getAcsResponse(request);
        } catch (ClientException e) {
            throw new AssertionError(e.getErrCode() + ": " + e.getErrMsg(), e);
        }
    }

    /** The error code of a call that must be refused. */
    <T extends AcsResponse, R extends AcsRequest<T>> String refusal(Supplier<R> request, Consumer<R> fill) {
        R made = request.get();
        fill.accept(made);
        try {
            client.getAcsResponse(made);
        } catch (ClientException e) {
            return e.getErrCode();
        }
        return "none";
    }
}
