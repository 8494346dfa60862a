package io.terway.lab.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.lab.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

class EniConfigTest {
    private static final CloudFacts CLOUD = new CloudFacts(
            "100.100.0.10:8088",
            "",
            "cn-hangzhou",
            "id",
            "secret",
            "vpc-1",
            "sg-1",
            List.of(
                    new CloudFacts.VSwitch("vsw-node", "cn-hangzhou-h", "10.0.0.0/24", false),
                    new CloudFacts.VSwitch("vsw-pod-h", "cn-hangzhou-h", "10.0.64.0/20", true),
                    new CloudFacts.VSwitch("vsw-pod-i", "cn-hangzhou-i", "10.0.80.0/20", true)),
            List.of());

    @Test
    void podsTakeAddressesFromThePodVSwitchesOfTheirZone() throws Exception {
        EniConfig config = EniConfig.standard(ClusterSpec.standard(), CLOUD);

        JsonNode conf = new ObjectMapper().readTree(config.data().get("eni_conf"));
        assertEquals(
                "{\"cn-hangzhou-h\":[\"vsw-pod-h\"],\"cn-hangzhou-i\":[\"vsw-pod-i\"]}",
                conf.path("vswitches").toString());
        assertEquals("sg-1", conf.path("security_group").asText());
        assertEquals("ENIIP", conf.path("network_mode").asText());
    }

    @Test
    void aConfigMapAndABareEniConfMeanTheSame() {
        EniConfig map = EniConfig.parse("kind: ConfigMap\ndata:\n  eni_conf: |\n    {\"version\": \"1\"}\n", "x");
        EniConfig bare = EniConfig.parse("{\"version\": \"1\"}\n", "x");

        assertEquals(bare, map);
    }

    @Test
    void anotherKindIsRefusedByFileName() {
        Refusal refusal = assertThrows(Refusal.class, () -> EniConfig.parse("kind: Secret\n", "my.yaml"));

        assertTrue(refusal.getMessage().contains("my.yaml is neither a ConfigMap with the key eni_conf"));
    }
}
