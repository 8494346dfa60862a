package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VpcChecksTest {

    private static final List<VSwitchSupply> VPC = List.of(
            new VSwitchSupply(new VSwitchId("vsw-h"), new ZoneId("cn-h"), Cidr.parse("10.0.64.0/20"), 100),
            new VSwitchSupply(new VSwitchId("vsw-i"), new ZoneId("cn-i"), Cidr.parse("10.0.80.0/20"), 100));

    private static List<String> problems(Map<String, Object> eniConf) {
        var accepted = (ConfigReading.Accepted) EniConfigReader.read(eniConf, Map.of());
        return VpcChecks.problems(accepted.config(), VPC);
    }

    @Test
    void whatTheVpcHasIsFine() {
        assertEquals(
                List.of(),
                problems(Map.of(
                        "vswitches",
                        Map.of("cn-h", List.of("vsw-h"), "cn-i", List.of("vsw-i")),
                        "service_cidr",
                        "172.16.0.0/16")));
    }

    @Test
    void aVSwitchOfAnotherZoneOrVpcIsNamed() {
        List<String> problems = problems(Map.of("vswitches", Map.of("cn-h", List.of("vsw-i", "vsw-x"))));

        assertEquals(2, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains("vsw-i, which is in zone cn-i"), problems::toString);
        assertTrue(problems.get(1).contains("vsw-x, which is not in the VPC"), problems::toString);
    }

    @Test
    void aServiceCidrInsideTheVpcIsNamed() {
        List<String> problems = problems(Map.of("service_cidr", "10.0.80.0/24"));

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(
                problems.getFirst().contains("10.0.80.0/24 overlaps 10.0.80.0/20 of vSwitch vsw-i"),
                problems::toString);
    }
}
