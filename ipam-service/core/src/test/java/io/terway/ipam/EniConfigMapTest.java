package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EniConfigMapTest {

    /** Lines 2779-2822 of the guide, comments and blank lines included. */
    private static final String GUIDE = """
            {
              "version": "1",
              "security_group": "sg-bp1xxx",
              "service_cidr": "172.16.0.0/16",
              "vswitches": {
                "cn-hangzhou-h": ["vsw-bp1xxx", "vsw-bp2xxx", "vsw-bp3xxx"]
              },

              // 大规模 IP 池配置
              "max_pool_size": 100,
              "min_pool_size": 50,

              "rate_limit": { "eni_create_qps": 10, "burst_size": 20, "AttachNetworkInterface": 500 },
              "batch_config": { "enable": true, "batch_size": 20, "batch_interval_ms": 100 },
              "cache_config": { "eni_cache_ttl_seconds": 300 },
              "ha_config": { "leader_election": true, "lease_duration_seconds": 15 }
            }
            """;

    @Test
    void readsTheGuidesTextWithItsComments() {
        EniConfig config = accepted(Map.of("eni_conf", GUIDE)).config();

        assertEquals(100, config.pool().max());
        assertEquals(3, config.vSwitches().values().iterator().next().size());
    }

    @Test
    void aConflistsTerwayEntryIsReadAndTheConfigMapWins() {
        ConfigReading.Accepted read = accepted(Map.of(
                "eni_conf", "{\"max_pool_size\": 50}",
                "10-terway.conflist", """
                        {"cniVersion": "1.0.0", "name": "k8s-pod-network", "plugins": [
                          {"type": "terway", "eni_conf": "/etc/eni/eni_conf", "eni_max_pool_size": 25,
                           "eni_min_pool_size": 7, "eniip_virtual_type": "Veth", "host_stack_cidrs": ["10.9.0.0/16"]},
                          {"type": "portmap", "capabilities": {"portMappings": true}}]}
                        """));

        assertEquals(50, read.config().pool().max());
        assertEquals(7, read.config().pool().min());
        assertEquals(EniConfig.VirtualType.VETH, read.config().virtualType());
        assertTrue(read.remarks().stream().anyMatch(remark -> remark.contains("wins over eni_max_pool_size 25")));
    }

    @Test
    void networkPolicyIsOffByTheConfigMapsOwnKey() {
        assertFalse(accepted(Map.of("disable_network_policy", "true"))
                .config()
                .datapath()
                .networkPolicy());
        assertTrue(accepted(Map.of()).config().datapath().networkPolicy());
    }

    @Test
    void anOverrideIsLaidOverTheClustersConfiguration() {
        ConfigReading read = EniConfigMap.read(
                Map.of("eni_conf", "{\"max_pool_size\": 50, \"eni_tags\": {\"a\": \"1\", \"b\": \"2\"}}"),
                Map.of("eni_conf", "{\"max_pool_size\": 5, \"min_pool_size\": 1, \"eni_tags\": {\"b\": null}}"));

        EniConfig config = ((ConfigReading.Accepted) read).config();
        assertEquals(5, config.pool().max());
        assertEquals(Map.of("a", "1"), config.tags());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"a": 1 "b": 2}  | line 1, column 9
            {"a": tru}       | line 1, column 7: found 't', expected a value
            {'a': 1}         | a key in double quotes
            {"a": 1, "a": 2} | the key "a" once
            []               | an object
            {"a": "\\x"}     | after a backslash
            """)
    void saysWhereTheTextIsNotJson(String text, String message) {
        var refused =
                assertInstanceOf(ConfigReading.Refused.class, EniConfigMap.read(Map.of("eni_conf", text.strip())));

        assertTrue(refused.problems().getFirst().contains(message), refused.toString());
    }

    @Test
    void refusesTextThatIsTooDeep() {
        String deep = "{\"a\":".repeat(40) + "1" + "}".repeat(40);

        assertThrows(JsonText.Malformed.class, () -> JsonText.object(deep));
    }

    @Test
    void saysWhichKeysHaveNoEffect() {
        List<String> remarks = accepted(Map.of(
                        "eni_conf",
                        "{\"ip_pool_sync_period\": \"120s\", \"region_id\": \"cn-hangzhou\", \"prefix\": \"x\"}"))
                .remarks();

        for (String key : List.of("ip_pool_sync_period", "region_id", "prefix")) {
            assertTrue(
                    remarks.stream()
                            .anyMatch(remark -> remark.startsWith("eni_conf." + key + " is accepted and has no")),
                    key + " in " + remarks);
        }
    }

    @Test
    void ratesMayHaveAFraction() {
        accepted(Map.of("eni_conf", "{\"rate_limit\": {\"eni_create_qps\": 0.5, \"AttachNetworkInterface\": 12.5}}"));
    }

    private static ConfigReading.Accepted accepted(Map<String, String> data) {
        ConfigReading read = EniConfigMap.read(data);
        return assertInstanceOf(ConfigReading.Accepted.class, read, read::toString);
    }
}
