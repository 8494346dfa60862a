package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IPv6 and dual stack, single addresses and prefixes. */
class StacksTest {

    private final ModelCloud cloud = new ModelCloud(400);

    @ParameterizedTest
    @ValueSource(strings = {"ENIIP", "ENI", "Trunk", "VPC"})
    void givesIpv6OnlyInEveryMode(String mode) {
        NodeRig rig = NodeRig.of(cloud, Map.of("network_mode", mode, "ip_stack", "ipv6", "pod_cidr", "fd00:1::/48"));

        var proposed = rig.add(1);

        assertEquals(
                List.of(Family.IPV6),
                proposed.addresses().stream()
                        .map(address -> address.ip().family())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ENIIP", "ENI", "Trunk", "VPC"})
    void givesBothFamiliesOfOneEniInEveryMode(String mode) {
        NodeRig rig = NodeRig.of(
                cloud, Map.of("network_mode", mode, "ip_stack", "dual", "pod_cidr", "10.244.0.0/16,fd00:1::/48"));

        for (int pod = 1; pod <= 3; pod++) {
            var proposed = rig.add(pod);
            assertEquals(
                    List.of(Family.IPV4, Family.IPV6),
                    proposed.addresses().stream()
                            .map(address -> address.ip().family())
                            .toList());
            assertEquals(
                    1, proposed.addresses().stream().map(EniIp::eni).distinct().count());
        }
    }

    @Test
    void fillsANodeWithDualStackPods() {
        NodeRig rig = NodeRig.of(cloud, Map.of("ip_stack", "dual"));

        for (int pod = 1; pod <= 45; pod++) {
            rig.add(pod);
        }

        assertEquals(
                AllocateOutcome.Why.NODE_FULL,
                assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(46, Map.of()))
                        .why());
    }

    @Test
    void namesTheFamilyThatIsExhausted() {
        while (cloud.freeIpv6.size() > 3) {
            cloud.freeIpv6.remove();
        }
        NodeRig rig = NodeRig.of(cloud, Map.of("ip_stack", "dual", "min_pool_size", 1, "max_pool_size", 5));
        rig.add(1);
        rig.add(2);
        rig.add(3);

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(4, Map.of()));

        assertTrue(refused.message().contains("too few IPv6 addresses"), refused.message());
    }

    @Test
    void anInstanceWithoutIpv6RefusesDualStackPods() {
        cloud.limits = new InstanceLimits(4, 15, 0);
        NodeRig rig = NodeRig.of(cloud, Map.of("ip_stack", "dual"));

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(1, Map.of()));

        assertTrue(refused.message().contains("0 of 0 IPV6"), refused.message());
    }

    @Test
    void returnsBothFamiliesTogether() {
        NodeRig rig = NodeRig.of(cloud, Map.of("ip_stack", "dual", "min_pool_size", 2, "max_pool_size", 30));
        for (int pod = 1; pod <= 20; pod++) {
            rig.add(pod);
        }
        for (int pod = 1; pod <= 20; pod++) {
            rig.delete(pod);
        }

        rig.pass(Duration.ofMinutes(30));

        int ipv4 = cloud.assigned(Family.IPV4);
        assertTrue(ipv4 <= 4, ipv4 + " IPv4 addresses stay");
        assertTrue(cloud.assigned(Family.IPV6) <= 12, cloud.assigned(Family.IPV6) + " IPv6 addresses stay");
    }

    @Test
    void takesPrefixesWhereTheyAreEnabled() {
        NodeRig rig = NodeRig.of(cloud, Map.of("enable_ip_prefix", true));

        for (int pod = 1; pod <= 100; pod++) {
            rig.add(pod);
        }

        int mutations =
                cloud.calls.values().stream().mapToInt(Integer::intValue).sum();
        assertTrue(mutations <= 10, cloud.calls.toString());
        assertTrue(rig.enis(CloudEni.Use.SECONDARY).stream()
                        .mapToInt(eni -> eni.prefixes().size())
                        .sum()
                >= 7);
        assertTrue(rig.config.capacity() > 600, "3 ENIs of 14 prefixes and their own addresses");
    }

    @Test
    void returnsAPrefixOnlyWhole() {
        NodeRig rig = NodeRig.of(cloud, Map.of("enable_ip_prefix", true, "min_pool_size", 0, "max_pool_size", 20));
        for (int pod = 1; pod <= 60; pod++) {
            rig.add(pod);
        }
        EniIp kept = rig.agent.bound.get(ModelAgent.sandbox(40)).addresses().getFirst();
        for (int pod = 1; pod <= 60; pod++) {
            if (pod != 40) {
                rig.delete(pod);
            }
        }

        rig.pass(Duration.ofMinutes(30));

        List<Cidr> left = rig.enis(CloudEni.Use.SECONDARY).stream()
                .flatMap(eni -> eni.prefixes().stream())
                .toList();
        assertEquals(List.of(kept.block().orElseThrow()), left);
        rig.add(61);
    }

    @Test
    void takesSingleAddressesWhereNoPrefixIsToBeHad() {
        cloud.freePrefixes.clear();
        NodeRig rig = NodeRig.of(cloud, Map.of("enable_ip_prefix", true));

        rig.pass(Duration.ofSeconds(30));

        rig.add(1);
        assertTrue(rig.agent.offered.size() >= 10, rig.agent.offered.toString());
    }

    @Test
    void mixesSingleAddressesAndPrefixesOnOneEni() {
        NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 4, "max_pool_size", 8));
        rig.add(1);
        rig.configure(Map.of("enable_ip_prefix", true, "min_pool_size", 12, "max_pool_size", 30));
        rig.pass(Duration.ofSeconds(5));

        CloudEni eni = rig.enis(CloudEni.Use.SECONDARY).getFirst();

        assertTrue(!eni.addresses().isEmpty() && !eni.prefixes().isEmpty(), eni.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ipv6", "dual"})
    void takesIpv6Prefixes(String stack) {
        NodeRig rig = NodeRig.of(cloud, Map.of("enable_ip_prefix", true, "ip_stack", stack));

        for (int pod = 1; pod <= 70; pod++) {
            rig.add(pod);
        }

        assertTrue(rig.enis(CloudEni.Use.SECONDARY).stream()
                .flatMap(eni -> eni.prefixes().stream())
                .anyMatch(prefix -> prefix.prefixLength() == 80));
    }
}
