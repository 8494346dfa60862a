package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.ecs.model.v20140526.DescribeInstancesRequest;
import io.terway.eni.sim.cloud.Latencies;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Temporary keys: how they are got, what they open, and when they no longer do. */
class StsIT {

    private static final Map<String, String> ROLE = Map.of(
            "Version", "2015-04-01",
            "RoleArn", "acs:ram::1000000000000001:role/terway",
            "RoleSessionName", "eni-manager");

    private final ManualClock clock = new ManualClock();
    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.standard(),
            Options.defaults().withLatencies(Latencies.none()).withClock(clock),
            VpcObserver.NONE);
    private final RawClient client = new RawClient(twin);

    @AfterEach
    void close() {
        client.close();
        twin.close();
    }

    @Test
    void anAssumedRoleSignsUntilItsKeyExpires() {
        SdkClient role = sdk(client.call("AssumeRole", ROLE));
        assertEquals(
                2,
                role.call(new DescribeInstancesRequest(), r -> {})
                        .getInstances()
                        .size());
        clock.advance(Duration.ofMinutes(61));
        assertEquals("InvalidSecurityToken.Expired", refusal(role));
    }

    @Test
    void aKeyWithoutItsTokenOpensNothing() {
        HttpResponse<String> answer = client.call("AssumeRole", ROLE);
        SdkClient bare = SdkClient.with(twin, field(answer, "AccessKeyId"), field(answer, "AccessKeySecret"));
        assertEquals("InvalidSecurityToken.Malformed", refusal(bare));
    }

    @Test
    void aTokenOfAnOidcProviderNeedsNoKey() {
        SdkClient role = sdk(byToken(clock.instant().plusSeconds(60)));
        assertEquals("none", refusal(role));
    }

    @Test
    void anExpiredTokenIsRefused() {
        HttpResponse<String> answer = byToken(clock.instant().minusSeconds(1));
        assertEquals(400, answer.statusCode());
        assertEquals("AuthenticationFail.OIDCToken.Expired", field(answer, "Code"));
    }

    @Test
    void whatIsNoTokenIsRefused() {
        Map<String, String> params = new HashMap<>(ROLE);
        params.putAll(Map.of(
                "Action", "AssumeRoleWithOIDC",
                "Format", "JSON",
                "OIDCProviderArn", "acs:ram::1:oidc-provider/ack",
                "OIDCToken", "not.a-token"));
        HttpResponse<String> answer = client.send("POST", "/sts/", RawClient.form(params));
        assertEquals("AuthenticationFail.OIDCToken.Invalid", field(answer, "Code"));
    }

    @Test
    void aWrongRoleOrDurationIsNamed() {
        Map<String, String> params = new HashMap<>(ROLE);
        params.put("RoleArn", "terway");
        assertEquals("InvalidParameter.RoleArn", field(client.call("AssumeRole", params), "Code"));
        params.putAll(ROLE);
        params.put("DurationSeconds", "10");
        HttpResponse<String> answer = client.call("AssumeRole", params);
        assertTrue(answer.body().contains("DurationSeconds"), answer.body());
    }

    private HttpResponse<String> byToken(Instant expires) {
        String claims = "{\"iss\":\"https://oidc\",\"sub\":\"system:serviceaccount:kube-system:terway-eni\",\"exp\":"
                + expires.getEpochSecond() + "}";
        String token =
                "e30." + Base64.getUrlEncoder().encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
        Map<String, String> params = new HashMap<>(ROLE);
        params.putAll(Map.of(
                "Action", "AssumeRoleWithOIDC",
                "Format", "JSON",
                "OIDCProviderArn", "acs:ram::1000000000000001:oidc-provider/ack-rrsa-c1",
                "OIDCToken", token));
        return client.send("POST", "/sts/", RawClient.form(params));
    }

    private SdkClient sdk(HttpResponse<String> answer) {
        assertEquals(200, answer.statusCode(), answer::body);
        return SdkClient.with(
                twin, field(answer, "AccessKeyId"), field(answer, "AccessKeySecret"), field(answer, "SecurityToken"));
    }

    private static String refusal(SdkClient client) {
        return client.refusal(DescribeInstancesRequest::new, r -> {});
    }

    private static String field(HttpResponse<String> answer, String name) {
        return answer.body().replaceAll("(?s).*\"" + name + "\":\"([^\"]+)\".*", "$1");
    }
}
