package io.terway.policy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyConfigTest {

    @Test
    void hasTheseDefaults() {
        PolicyConfig config = read(Map.of());

        assertEquals("kube-system", config.namespace());
        assertEquals(Optional.empty(), config.advertise());
        assertEquals(Optional.empty(), config.clusterId());
        assertEquals(Optional.empty(), config.stateDir());
        assertEquals(Duration.ofMillis(20), config.compileDelay());
        assertEquals(5000, config.maxSubscribers());
        assertEquals(Optional.empty(), config.eniManager());
        assertEquals(200, config.groupRules());
        assertEquals(16L << 20, config.audit().maxFileBytes());
        assertEquals(8, config.audit().maxFiles());
        assertEquals(180, config.audit().retentionDays());
    }

    @Test
    void readsEveryKey() {
        PolicyConfig config = read(Map.of(
                "terway.namespace", "n",
                "terway.advertise", "h:1",
                "terway.cluster-id", "c",
                "terway.state-dir", "d",
                "terway.compile-delay", "1s",
                "terway.max-subscribers", "7",
                "terway.eni-manager", "e:2",
                "terway.group-rules", "9"));

        assertEquals("n", config.namespace());
        assertEquals(Optional.of("h:1"), config.advertise());
        assertEquals(Optional.of("c"), config.clusterId());
        assertEquals(Optional.of("d"), config.stateDir());
        assertEquals(Duration.ofSeconds(1), config.compileDelay());
        assertEquals(7, config.maxSubscribers());
        assertEquals(Optional.of("e:2"), config.eniManager());
        assertEquals(9, config.groupRules());
    }

    @Test
    void readsTheKeysOfTheAudit() {
        PolicyConfig.Audit audit = read(Map.of(
                        "terway.audit.max-file-bytes", "9",
                        "terway.audit.max-files", "2",
                        "terway.audit.retention-days", "3"))
                .audit();

        assertEquals(9, audit.maxFileBytes());
        assertEquals(2, audit.maxFiles());
        assertEquals(3, audit.retentionDays());
    }

    @Test
    void readsTheKeysOfTrust() {
        PolicyConfig config = read(Map.of(
                "terway.token", "t",
                "terway.tls.certificate", "c",
                "terway.tls.key", "k",
                "terway.tls.authority", "a",
                "terway.callers.verify", "false"));

        assertEquals(Optional.of(Path.of("t")), config.token());
        assertEquals(Optional.of(Path.of("c")), config.tls().certificate());
        assertEquals(Optional.of(Path.of("k")), config.tls().key());
        assertEquals(Optional.of(Path.of("a")), config.tls().authority());
        assertEquals(Optional.of(false), config.callers().verify());
    }

    @Test
    void refusesAnUnknownKeyByName() {
        var refusal = assertThrows(ConfigValidationException.class, () -> read(Map.of("terway.max-subscriber", "7")));

        assertTrue(refusal.getMessage().contains("terway.max-subscriber"), refusal.getMessage());
    }

    private static PolicyConfig read(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(PolicyConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(PolicyConfig.class);
    }
}
