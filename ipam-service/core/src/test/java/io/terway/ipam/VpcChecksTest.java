package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.NodeName;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VpcChecksTest {

    private static final List<VSwitchSupply> VPC = List.of(
            new VSwitchSupply(new VSwitchId("vsw-h"), new ZoneId("cn-h"), Cidr.parse("10.0.64.0/20"), 100),
            new VSwitchSupply(new VSwitchId("vsw-i"), new ZoneId("cn-i"), Cidr.parse("10.0.80.0/20"), 100));

    private static List<String> problems(Map<String, Object> eniConf) {
        var accepted = (ConfigReading.Accepted) EniConfigReader.read(eniConf, Map.of());
        return VpcChecks.problems(accepted.config(), VPC, Map.of());
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

    private static final VSwitchSupply DUAL = new VSwitchSupply(
            new VSwitchId("vsw-d"),
            new ZoneId("cn-h"),
            Cidr.parse("10.0.96.0/20"),
            100,
            Optional.of(Cidr.parse("2001:db8:1::/64")));

    private static List<String> vpcMode(String podCidr, Map<NodeName, List<Cidr>> nodes) {
        var accepted = (ConfigReading.Accepted) EniConfigReader.read(
                Map.of("network_mode", "VPC", "pod_cidr", podCidr, "service_cidr", "172.16.0.0/16,fd00:16::/112"),
                Map.of());
        return VpcChecks.problems(accepted.config(), List.of(DUAL), nodes);
    }

    private static Map<NodeName, List<Cidr>> nodes(String... cidrs) {
        Map<NodeName, List<Cidr>> nodes = new HashMap<>();
        for (String cidr : cidrs) {
            nodes.put(new NodeName("n" + (nodes.size() + 1)), List.of(Cidr.parse(cidr)));
        }
        return nodes;
    }

    @Test
    void aVSwitchWithoutIpv6IsNamedWherePodsNeedIt() {
        List<String> problems = problems(Map.of("ip_stack", "dual", "vswitches", Map.of("cn-h", List.of("vsw-h"))));

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().contains("vsw-h, which has no IPv6 block"), problems::toString);
    }

    @Test
    void aServiceCidrInsideAnIpv6BlockIsNamed() {
        var accepted =
                (ConfigReading.Accepted) EniConfigReader.read(Map.of("service_cidr", "2001:db8:1::/112"), Map.of());

        List<String> problems = VpcChecks.problems(accepted.config(), List.of(DUAL), Map.of());

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().contains("2001:db8:1::/64 of vSwitch vsw-d"), problems::toString);
    }

    @Test
    void podCidrsOfNodesThatAreClearOfAllAreFine() {
        assertEquals(
                List.of(),
                vpcMode("10.244.0.0/16", nodes("10.244.0.0/24", "10.244.1.0/24", "fd00:1::/80", "fd00:2::/80")));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.96.0/24, 'pod CIDR 10.0.96.0/24 of node n1 overlaps 10.0.96.0/20 of vSwitch vsw-d'",
        "2001:db8:1::/80, 'pod CIDR 2001:db8:1::/80 of node n1 overlaps 2001:db8:1::/64 of vSwitch vsw-d'",
        "172.16.9.0/24, 'pod CIDR 172.16.9.0/24 of node n1 overlaps service_cidr 172.16.0.0/16'",
        "fd00:16::/120, 'pod CIDR fd00:16::/120 of node n1 overlaps service_cidr fd00:16::/112'",
        "10.244.7.128/25, 'pod CIDR 10.244.7.128/25 of node n1 overlaps 10.244.7.0/24 of node n2'",
        "10.244.7.0/24, 'pod CIDR 10.244.7.0/24 of node n2 overlaps 10.244.7.0/24 of node n1'",
    })
    void aPodCidrOfANodeThatOverlapsIsNamed(String cidr, String problem) {
        List<String> problems = vpcMode("10.244.0.0/16", nodes(cidr, "10.244.7.0/24"));

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().startsWith(problem), problems::toString);
    }

    @Test
    void theClustersPodCidrMustBeClearOfTheVpc() {
        List<String> problems = vpcMode("10.0.0.0/16", Map.of());

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().startsWith("pod_cidr 10.0.0.0/16 overlaps 10.0.96.0/20"), problems::toString);
    }

    @Test
    void podCidrsOfNodesMeanNothingInOtherModes() {
        var accepted = (ConfigReading.Accepted) EniConfigReader.read(Map.of(), Map.of());

        assertEquals(
                List.of(), VpcChecks.problems(accepted.config(), List.of(DUAL), nodes("10.0.96.0/24", "10.0.96.0/24")));
    }

    @Test
    void aFloodOfProblemsIsCounted() {
        String[] same = new String[500];
        java.util.Arrays.fill(same, "10.0.96.0/24");

        List<String> problems = vpcMode("10.244.0.0/16", nodes(same));

        assertEquals(21, problems.size());
        assertEquals("and 979 more", problems.getLast());
    }
}
