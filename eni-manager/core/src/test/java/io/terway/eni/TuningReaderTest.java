package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.TuningReader.Reading;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TuningReaderTest {

    private static Tuning accepted(Map<String, ?> conf) {
        return assertInstanceOf(Reading.Accepted.class, TuningReader.read(conf, Tuning.DEFAULTS))
                .tuning();
    }

    private static String refused(Map<String, ?> conf) {
        return String.join(
                "; ",
                assertInstanceOf(Reading.Refused.class, TuningReader.read(conf, Tuning.DEFAULTS))
                        .problems());
    }

    @Test
    void theGuidesLargeScaleConfigurationTakesHold() {
        Tuning tuning = accepted(Map.of(
                "max_pool_size", 100,
                "rate_limit",
                        Map.of(
                                "eni_create_qps", 10,
                                "eni_delete_qps", 10,
                                "ip_assign_qps", 50,
                                "ip_unassign_qps", 50,
                                "burst_size", 20),
                "batch_config", Map.of("enable", true, "batch_size", 20, "batch_interval_ms", 100),
                "cache_config",
                        Map.of(
                                "eni_cache_ttl_seconds", 300,
                                "ip_cache_ttl_seconds", 60,
                                "vpc_cache_ttl_seconds", 600),
                "resource_gc", Map.of("enable", true, "idle_ip_ttl_seconds", 600, "orphan_eni_ttl_seconds", 1800)));

        assertEquals(10, tuning.rates().of(Action.CREATE_NETWORK_INTERFACE));
        assertEquals(50, tuning.rates().of(Action.ASSIGN_IPV6_ADDRESSES));
        assertEquals(20, tuning.rates().burst());
        assertEquals(20, tuning.batch().size());
        assertEquals(10, tuning.batch().perCall(), "a larger batch is split");
        assertEquals(Duration.ofSeconds(60), tuning.cache().addresses());
        assertEquals(Duration.ofSeconds(1800), tuning.collection().ttl());
    }

    @Test
    void whatIsNotSaidIsAsAtStart() {
        assertEquals(Tuning.DEFAULTS, accepted(Map.of("network_mode", "ENI")));
    }

    @Test
    void theExistingTerwaysLimitsPerMinuteAreTaken() {
        Tuning tuning =
                accepted(Map.of("rate_limit", Map.of("DescribeNetworkInterfaces", 60, "eni_create_qps", "0.5")));

        assertEquals(1, tuning.rates().of(Action.DESCRIBE_NETWORK_INTERFACES));
        assertEquals(0.5, tuning.rates().of(Action.CREATE_NETWORK_INTERFACE));
    }

    @Test
    void tagRulesDecideWhoseAnEniIs() {
        Tuning tuning = accepted(Map.of(
                "eni_tag_filter", Map.of("team", "net"),
                "eni_tag_block_list", List.of(Map.of("key", "hands-off"))));
        NetworkInterface eni = Samples.eni(EniStatus.AVAILABLE);

        assertFalse(tuning.tagRules().manages(eni));
        assertTrue(tuning.tagRules().manages(eni.withTags(Map.of("team", "net"))));
        assertFalse(tuning.tagRules().manages(eni.withTags(Map.of("team", "net", "hands-off", "x"))));
        assertFalse(
                Tuning.DEFAULTS.tagRules().manages(eni.withTags(Map.of("creator", "alibabacloud-erdma-controller"))));
    }

    @Test
    void aWrongValueIsNamedWithKeyAndLimit() {
        assertEquals(
                "eni_conf.rate_limit.eni_create_qps is 'fast'; it must be a number from 0.01 to 10000",
                refused(Map.of("rate_limit", Map.of("eni_create_qps", "fast"))));
        assertEquals(
                "eni_conf.resource_gc.orphan_eni_ttl_seconds is '5'; it must be a number from 60 to 604800",
                refused(Map.of("resource_gc", Map.of("orphan_eni_ttl_seconds", 5))));
        assertTrue(refused(Map.of("rate_limit", Map.of("eni_creat_qps", 5))).contains("eni_creat_qps is not known"));
        assertTrue(refused(Map.of("batch_config", Map.of("batch_sise", 5))).contains("batch_config.batch_sise"));
        assertTrue(refused(Map.of("vswitch_selection_policy", "least")).contains("ordered, random or most"));
        assertTrue(refused(Map.of("cache_config", List.of())).contains("cache_config"));
        assertTrue(refused(Map.of("eni_tag_block_list", List.of("x"))).contains("eni_tag_block_list"));
    }

    @Test
    void aLeaseMustOutlastTheLongestCallAndTwoLostRenewals() {
        ElectionTimes guide = ElectionTimes.read(Map.of(
                "ha_config",
                Map.of(
                        "leader_election", true,
                        "lease_duration_seconds", 15,
                        "renew_deadline_seconds", 10,
                        "retry_period_seconds", 2)));

        assertEquals(new ElectionTimes(Duration.ofSeconds(15), Duration.ofSeconds(2)), guide);
        assertEquals(ElectionTimes.DEFAULTS, ElectionTimes.read(Map.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> ElectionTimes.read(Map.of("ha_config", Map.of("lease_duration_seconds", 10))));
        assertThrows(
                IllegalArgumentException.class,
                () -> ElectionTimes.read(Map.of("ha_config", Map.of("leader_election", false))));
    }
}
