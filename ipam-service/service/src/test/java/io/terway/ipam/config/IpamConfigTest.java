package io.terway.ipam.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class IpamConfigTest {

    @Test
    void hasTheseDefaults() {
        IpamConfig config = read(Map.of());

        assertEquals(Optional.empty(), config.clusterId());
        assertEquals("kube-system", config.namespace());
        assertEquals(Optional.empty(), config.advertise());
        assertEquals(Path.of("/var/lib/terway-ipam"), config.stateDir());
        assertTrue(config.leaderElection());
        assertEquals(Optional.empty(), config.eniManager());
        assertEquals(Optional.empty(), config.shards());
        assertEquals(0, config.shard());
        assertEquals(10_000, config.maxSessions());
        assertEquals(Optional.empty(), config.token());
        assertEquals(Optional.empty(), config.tls().certificate());
        assertEquals(Optional.empty(), config.callers().verify());
        assertEquals(512, config.callers().mostCalls());
        assertEquals("0.0.0.0", config.listen().host());
        assertEquals(7601, config.listen().port());
        assertEquals(10_000, config.fixed().most());
        assertEquals(60, config.fixed().releasesPerMinute());
        assertEquals("7d", config.fixed().retention());
        assertEquals(Optional.empty(), config.webhook().port());
        assertEquals("0.0.0.0", config.webhook().host());
        assertEquals(16L << 20, config.audit().maxFileBytes());
        assertEquals(8, config.audit().maxFiles());
        assertEquals(180, config.audit().retentionDays());
    }

    @Test
    void readsEveryKey() {
        IpamConfig config = read(Map.of(
                "terway.cluster-id", "c",
                "terway.namespace", "n",
                "terway.advertise", "h:1",
                "terway.state-dir", "d",
                "terway.leader-election", "false",
                "terway.eni-manager", "e:2",
                "terway.max-sessions", "7",
                "terway.audit.max-file-bytes", "8",
                "terway.audit.max-files", "9",
                "terway.audit.retention-days", "30"));

        assertEquals(Optional.of("c"), config.clusterId());
        assertEquals("n", config.namespace());
        assertEquals(Optional.of("h:1"), config.advertise());
        assertEquals(Path.of("d"), config.stateDir());
        assertFalse(config.leaderElection());
        assertEquals(Optional.of("e:2"), config.eniManager());
        assertEquals(7, config.maxSessions());
        assertEquals(8, config.audit().maxFileBytes());
        assertEquals(9, config.audit().maxFiles());
        assertEquals(30, config.audit().retentionDays());
    }

    @Test
    void readsWhichNodesItServes() {
        IpamConfig config = read(Map.of("terway.shards", "a=0;*=1,2", "terway.shard", "2"));

        assertEquals(Optional.of("a=0;*=1,2"), config.shards());
        assertEquals("terway-ipam-2", Shards.of(config).lease());
        assertEquals("terway-ipam", Shards.of(read(Map.of())).lease());
    }

    @Test
    void aShardThatTheDivisionDoesNotNameIsRefused() {
        var refusal = assertThrows(
                IllegalArgumentException.class,
                () -> Shards.of(read(Map.of("terway.shards", "*=0,1", "terway.shard", "2"))));

        assertTrue(
                refusal.getMessage().contains("terway.shard is 2; terway.shards names 0 to 1"), refusal.getMessage());
    }

    /** It would keep a leader from hearing of its end: sessions never end by themselves. */
    @Test
    void nothingWaitsForCallsBeforeTheTermIsGivenUp() throws Exception {
        Properties ours = new Properties();
        try (var in = getClass().getResourceAsStream("/application.properties")) {
            ours.load(in);
        }

        assertFalse(ours.containsKey("quarkus.shutdown.timeout"));
    }

    @Test
    void readsTheKeysOfTrust() {
        IpamConfig config = read(Map.of(
                "terway.token", "t",
                "terway.tls.certificate", "c",
                "terway.tls.key", "k",
                "terway.tls.authority", "a",
                "terway.callers.verify", "false",
                "terway.callers.most-calls", "9"));

        assertEquals(Optional.of(Path.of("t")), config.token());
        assertEquals(Optional.of(Path.of("c")), config.tls().certificate());
        assertEquals(Optional.of(Path.of("k")), config.tls().key());
        assertEquals(Optional.of(Path.of("a")), config.tls().authority());
        assertEquals(Optional.of(false), config.callers().verify());
        assertEquals(9, config.callers().mostCalls());
    }

    @Test
    void readsTheKeysOfFixedAddresses() {
        IpamConfig config = read(Map.of(
                "terway.fixed.most", "5",
                "terway.fixed.releases-per-minute", "6",
                "terway.fixed.retention", "Never",
                "terway.webhook.port", "7611",
                "terway.webhook.host", "10.0.0.7"));

        assertEquals(5, config.fixed().most());
        assertEquals(6, config.fixed().releasesPerMinute());
        assertEquals("Never", config.fixed().retention());
        assertEquals(Optional.of(7611), config.webhook().port());
        assertEquals("10.0.0.7", config.webhook().host());
    }

    /** Manifests and the lab say where it listens as for any Quarkus service. */
    @Test
    void listensWhereQuarkusWould() throws Exception {
        Properties ours = new Properties();
        try (var in = getClass().getResourceAsStream("/application.properties")) {
            ours.load(in);
        }

        assertEquals("${quarkus.http.host}", ours.getProperty("terway.listen.host"));
        assertEquals("${quarkus.http.port}", ours.getProperty("terway.listen.port"));
    }

    @Test
    void refusesAnUnknownKeyByName() {
        var refusal = assertThrows(ConfigValidationException.class, () -> read(Map.of("terway.max-session", "7")));

        assertTrue(refusal.getMessage().contains("terway.max-session"), refusal.getMessage());
    }

    private static IpamConfig read(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(IpamConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(IpamConfig.class);
    }
}
