package io.terway.eni.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.ConfigValidationException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EniManagerConfigTest {

    private static final Map<String, String> REQUIRED =
            Map.of("terway.cluster-id", "c1", "terway.ecs.region", "cn-hangzhou");

    @Test
    void hasTheseDefaults() {
        EniManagerConfig config = Settings.of(REQUIRED);

        assertEquals("kube-system", config.namespace());
        assertEquals(Optional.empty(), config.advertise());
        assertEquals(Path.of("/var/lib/terway-eni"), config.stateDir());
        assertTrue(config.leaderElection());
        assertEquals(Duration.ofSeconds(30), config.watchInterval());
        assertEquals(Optional.empty(), config.ecs().endpoint());
        assertEquals(EniManagerConfig.Protocol.HTTPS, config.ecs().protocol());
        assertEquals(0, config.rateLimit().eniCreateQps());
        assertEquals(0, config.rateLimit().eniDeleteQps());
        assertEquals(0, config.rateLimit().ipAssignQps());
        assertEquals(0, config.rateLimit().ipUnassignQps());
        assertEquals(20, config.rateLimit().burstSize());
        assertEquals(Duration.ofMillis(100), config.batch().interval());
        assertEquals(Duration.ofSeconds(300), config.cache().eniTtl());
        assertEquals(Duration.ofSeconds(600), config.cache().vpcTtl());
        assertEquals(Path.of("/etc/terway/credentials"), config.credentials().dir());
        assertEquals(URI.create("http://100.100.100.200"), config.credentials().metadata());
        assertEquals(16 << 20, config.audit().maxFileBytes());
        assertEquals(8, config.audit().maxFiles());
        assertEquals(180, config.audit().retentionDays());
        assertEquals(Path.of("/var/alibaba-addon-secret"), config.credentials().addonDir());
        assertEquals(Optional.empty(), config.credentials().sts());
    }

    @Test
    void readsTheKeysOfTrust() {
        Map<String, String> all = new HashMap<>(REQUIRED);
        all.putAll(Map.of(
                "terway.token", "t",
                "terway.tls.certificate", "c",
                "terway.tls.key", "k",
                "terway.tls.authority", "a",
                "terway.callers.verify", "false"));

        EniManagerConfig config = Settings.of(all);

        assertEquals(Optional.of(Path.of("t")), config.token());
        assertEquals(Optional.of(Path.of("c")), config.tls().certificate());
        assertEquals(Optional.of(Path.of("k")), config.tls().key());
        assertEquals(Optional.of(Path.of("a")), config.tls().authority());
        assertEquals(Optional.of(false), config.callers().verify());
    }

    @Test
    void readsEveryKey() {
        Map<String, String> all = new HashMap<>(REQUIRED);
        all.put("terway.namespace", "n");
        all.put("terway.advertise", "h:1");
        all.put("terway.state-dir", "/s");
        all.put("terway.leader-election", "false");
        all.put("terway.watch-interval", "7s");
        all.put("terway.ecs.endpoint", "h:2");
        all.put("terway.ecs.protocol", "http");
        all.put("terway.rate-limit.eni-create-qps", "1.5");
        all.put("terway.rate-limit.eni-delete-qps", "2");
        all.put("terway.rate-limit.ip-assign-qps", "3");
        all.put("terway.rate-limit.ip-unassign-qps", "4");
        all.put("terway.rate-limit.burst-size", "5");
        all.put("terway.batch.interval", "6ms");
        all.put("terway.cache.eni-ttl", "8s");
        all.put("terway.cache.vpc-ttl", "9s");
        all.put("terway.credentials.dir", "/c");
        all.put("terway.credentials.metadata", "http://m");
        all.put("terway.audit.max-file-bytes", "10");
        all.put("terway.audit.max-files", "11");
        all.put("terway.audit.retention-days", "12");
        all.put("terway.credentials.addon-dir", "/a");
        all.put("terway.credentials.sts", "http://s");

        EniManagerConfig config = Settings.of(all);

        assertEquals("c1", config.clusterId());
        assertEquals("n", config.namespace());
        assertEquals(Optional.of("h:1"), config.advertise());
        assertEquals(Path.of("/s"), config.stateDir());
        assertFalse(config.leaderElection());
        assertEquals(Duration.ofSeconds(7), config.watchInterval());
        assertEquals(Optional.of("h:2"), config.ecs().endpoint());
        assertEquals(EniManagerConfig.Protocol.HTTP, config.ecs().protocol());
        assertEquals("cn-hangzhou", config.ecs().region());
        assertEquals(1.5, config.rateLimit().eniCreateQps());
        assertEquals(2, config.rateLimit().eniDeleteQps());
        assertEquals(3, config.rateLimit().ipAssignQps());
        assertEquals(4, config.rateLimit().ipUnassignQps());
        assertEquals(5, config.rateLimit().burstSize());
        assertEquals(Duration.ofMillis(6), config.batch().interval());
        assertEquals(Duration.ofSeconds(8), config.cache().eniTtl());
        assertEquals(Duration.ofSeconds(9), config.cache().vpcTtl());
        assertEquals(Path.of("/c"), config.credentials().dir());
        assertEquals(URI.create("http://m"), config.credentials().metadata());
        assertEquals(10, config.audit().maxFileBytes());
        assertEquals(11, config.audit().maxFiles());
        assertEquals(12, config.audit().retentionDays());
        assertEquals(Path.of("/a"), config.credentials().addonDir());
        assertEquals(Optional.of(URI.create("http://s")), config.credentials().sts());
    }

    @Test
    void refusesAnUnknownKeyByName() {
        Map<String, String> typo = new HashMap<>(REQUIRED);
        typo.put("terway.rate-limit.burst", "5");

        var refusal = assertThrows(ConfigValidationException.class, () -> Settings.of(typo));

        assertTrue(refusal.getMessage().contains("terway.rate-limit.burst"), refusal.getMessage());
    }
}
