package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.ecs.model.v20140526.AssignPrivateIpAddressesRequest;
import com.aliyuncs.vpc.model.v20160428.DescribeVSwitchesRequest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetadataIT {

    private static final String TTL = "X-aliyun-ecs-metadata-token-ttl-seconds";
    private static final String TOKEN = "X-aliyun-ecs-metadata-token";

    private final ManualClock clock = new ManualClock();
    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.lab(2, new InstanceType("ecs.g7.xlarge"), true),
            Options.defaults()
                    .withClock(clock)
                    .withLatencies(Latencies.ofMillis(0, 0, 0, 0, 0, 0, 0, 1_000))
                    .withMetadata("127.0.0.1", 0)
                    .withCallers(source -> Optional.of(new InstanceId("i-bp1node00001"))),
            VpcObserver.NONE);
    private final RawClient client = new RawClient(twin);

    @AfterEach
    void close() {
        client.close();
        twin.close();
    }

    private String get(String path) {
        return client.metadata("GET", "meta-data/" + path).body();
    }

    @Test
    void tellsAnInstanceAboutItself() {
        assertEquals("i-bp1node00001", get("instance-id"));
        assertEquals("cn-hangzhou", get("region-id"));
        assertEquals("cn-hangzhou-h", get("zone-id"));
        assertEquals("ecs.g7.xlarge", get("instance/instance-type"));
        assertEquals("10.0.0.10", get("private-ipv4"));
        assertEquals("vpc-bp1lab", get("vpc-id"));
        assertEquals(404, client.metadata("GET", "meta-data/no-such-item").statusCode());
    }

    @Test
    void tellsAboutEachInterface() {
        String mac = get("mac");
        assertEquals(mac + "/", get("network/interfaces/macs/"));
        String base = "network/interfaces/macs/" + mac + "/";
        assertEquals("[\"10.0.0.10\"]", get(base + "private-ipv4s"));
        assertEquals("10.0.0.253", get(base + "gateway"));
        assertEquals("255.255.255.0", get(base + "netmask"));
        assertEquals("10.0.0.0/24", get(base + "vswitch-cidr-block"));
        assertEquals("[2408:4005:3aa:7a00::1]", get(base + "ipv6s"));
        assertTrue(get(base + "network-interface-id").startsWith("eni-bp1"));
    }

    @Test
    void newAddressesAppearAfterTheLag() {
        String base = "network/interfaces/macs/" + get("mac") + "/";
        String eni = get(base + "network-interface-id");
        SdkClient.of(twin).call(new AssignPrivateIpAddressesRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setSecondaryPrivateIpAddressCount(1);
        });
        assertEquals("[\"10.0.0.10\"]", get(base + "private-ipv4s"));
        clock.advance(Duration.ofSeconds(1));
        assertEquals("[\"10.0.0.10\",\"10.0.0.1\"]", get(base + "private-ipv4s"));
    }

    @Test
    void sessionTokensAreGrantedCheckedAndExpire() {
        assertEquals(400, client.metadata("PUT", "api/token", TTL, "0").statusCode());
        assertEquals(
                403,
                client.metadata("PUT", "api/token", TTL, "60", "X-Forwarded-For", "1.2.3.4")
                        .statusCode());
        String token = client.metadata("PUT", "api/token", TTL, "60").body();
        assertEquals(200, client.metadata("GET", "meta-data/mac", TOKEN, token).statusCode());
        assertEquals(
                401, client.metadata("GET", "meta-data/mac", TOKEN, "other").statusCode());
        clock.advance(Duration.ofSeconds(60));
        assertEquals(401, client.metadata("GET", "meta-data/mac", TOKEN, token).statusCode());
    }

    @Test
    void roleKeysOpenTheApi() throws JsonProcessingException {
        String role = get("ram/security-credentials/");
        JsonNode keys = new ObjectMapper().readTree(get("ram/security-credentials/" + role));
        assertEquals("Success", keys.path("Code").asText());
        SdkClient sdk = SdkClient.with(
                twin,
                keys.path("AccessKeyId").asText(),
                keys.path("AccessKeySecret").asText(),
                keys.path("SecurityToken").asText());
        assertFalse(
                sdk.call(new DescribeVSwitchesRequest(), r -> {}).getVSwitches().isEmpty());
    }
}
