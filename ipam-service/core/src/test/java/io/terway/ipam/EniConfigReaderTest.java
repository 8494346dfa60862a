package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EniConfigReaderTest {

    @Test
    void hasTheGuidesDefaults() {
        EniConfig config = accepted(Map.of(), Map.of()).config();

        assertEquals(EniConfig.DEFAULTS, config);
        assertEquals(25, config.pool().max());
        assertEquals(10, config.pool().min());
        assertEquals(EniConfig.VirtualType.IPVLAN, config.virtualType());
        assertEquals(EniConfig.Stack.IPV4, config.stack());
        assertEquals(Duration.ofSeconds(300), config.pool().idleTtl());
    }

    @Test
    void givesEveryGuideKeyItsEffect() {
        EniConfig config = accepted(
                        Map.of(
                                "version",
                                "1",
                                "security_group",
                                "sg-1",
                                "service_cidr",
                                "172.16.0.0/16",
                                "vswitches",
                                Map.of("cn-hangzhou-h", List.of("vsw-1", "vsw-2")),
                                "max_pool_size",
                                80,
                                "min_pool_size",
                                40,
                                "eni_tags",
                                Map.of("a", "b"),
                                "pre_attach_eni_count",
                                2,
                                "ip_warmup",
                                Map.of("enable", true, "warmup_interval_seconds", 60, "warmup_batch_size", 20),
                                "resource_gc",
                                Map.of(
                                        "enable", true,
                                        "interval_seconds", 300,
                                        "idle_ip_ttl_seconds", 600,
                                        "orphan_eni_ttl_seconds", 1800)),
                        Map.of("eniip_virtual_type", "veth", "ip_stack", "dual", "type", "terway"))
                .config();

        assertEquals(new PoolTargets(40, 80, true, 20, Duration.ofSeconds(600), 2, true), config.pool());
        assertEquals(List.of(new SecurityGroupId("sg-1")), config.groups());
        assertEquals(
                List.of(new VSwitchId("vsw-1"), new VSwitchId("vsw-2")),
                config.vSwitches().get(new ZoneId("cn-hangzhou-h")));
        assertEquals(EniConfig.VirtualType.VETH, config.virtualType());
        assertEquals(EniConfig.Stack.DUAL, config.stack());
        assertEquals(Map.of("a", "b"), config.tags());
        assertEquals(
                "172.16.0.0/16", config.datapath().serviceCidrs().getFirst().toString());
    }

    @Test
    void takesAllocationPolicyAndAliases() {
        EniConfig config = accepted(
                        Map.of(
                                "network_mode",
                                "Trunking",
                                "ip_allocation_policy",
                                Map.of("prefer_eni_with_most_ips", false, "ip_reserve_percent", 20)),
                        Map.of())
                .config();

        assertEquals(EniConfig.Mode.TRUNK, config.mode());
        assertEquals(20, config.reservePercent());
        assertEquals(false, config.pool().fullestEniFirst());
    }

    @ParameterizedTest
    @CsvSource({
        "max_pool_size, -1, eni_conf.max_pool_size is '-1'; it must be a whole number from 0 to 10000",
        "max_pool_size, many, eni_conf.max_pool_size is 'many'",
        "service_cidr, 172.16.0.1/16, eni_conf.service_cidr is '172.16.0.1/16'",
        "ip_stack, ipv5, 'eni_conf.ip_stack is ''ipv5''; it must be one of ipv4, dual, ipv6'",
        "max_pool_sice, 3, eni_conf.max_pool_sice is not a known key",
        "enable_erdma, true, eni_conf.enable_erdma is 'true'; it is not supported",
        "version, 2, eni_conf.version is '2'",
    })
    void refusesByKeyValueAndRange(String key, String value, String problem) {
        Object typed = value.equals("true") ? (Object) true : value;

        var refused = assertInstanceOf(ConfigReading.Refused.class, EniConfigReader.read(Map.of(key, typed), Map.of()));

        assertTrue(
                refused.problems().getFirst().startsWith(problem),
                refused.problems().toString());
    }

    @Test
    void refusesAFloorAboveTheCeiling() {
        var refused = assertInstanceOf(
                ConfigReading.Refused.class,
                EniConfigReader.read(Map.of("min_pool_size", 30, "max_pool_size", 25), Map.of()));

        assertEquals(
                List.of("eni_conf.min_pool_size is '30'; it must be at most max_pool_size (25)"), refused.problems());
    }

    @Test
    void remarksWhatALackingHostPeerTakesAway() {
        List<String> remarks = accepted(
                        Map.of(
                                "disable_host_peer",
                                true,
                                "native_host_port",
                                true,
                                "snat_cidrs",
                                List.of("203.0.113.0/24"),
                                "jumbo_cidrs",
                                List.of("10.0.0.0/8")),
                        Map.of())
                .remarks();

        assertTrue(remarks.stream().anyMatch(remark -> remark.contains("native_host_port")), remarks::toString);
        assertTrue(remarks.stream().anyMatch(remark -> remark.contains("snat_cidrs")), remarks::toString);
        assertTrue(remarks.stream().noneMatch(remark -> remark.contains("jumbo_cidrs")), remarks::toString);
    }

    @Test
    void remarksKeysWithoutEffect() {
        List<String> remarks =
                accepted(Map.of("region_id", "x", "ipam_type", "crd"), Map.of()).remarks();

        assertTrue(
                remarks.stream().anyMatch(remark -> remark.startsWith("eni_conf.region_id is accepted")),
                remarks::toString);
        assertTrue(
                remarks.stream().anyMatch(remark -> remark.startsWith("eni_conf.ipam_type is accepted")),
                remarks::toString);
    }

    private static ConfigReading.Accepted accepted(Map<String, Object> eniConf, Map<String, Object> cniConf) {
        return assertInstanceOf(ConfigReading.Accepted.class, EniConfigReader.read(eniConf, cniConf));
    }
}
