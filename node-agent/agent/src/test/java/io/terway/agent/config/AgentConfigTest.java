package io.terway.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.terway.agent.flow.FlowLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgentConfigTest {

    private static AgentConfig config(Map<String, String> keys) {
        return new SmallRyeConfigBuilder()
                .withMapping(AgentConfig.class)
                .withDefaultValues(keys)
                .build()
                .getConfigMapping(AgentConfig.class);
    }

    @Test
    void everyKeyHasItsDefault() {
        AgentConfig config = config(Map.of("terway.node-name", "n"));
        assertEquals("n", config.nodeName());
        assertEquals("default", config.clusterId());
        assertEquals("kube-system", config.namespace());
        assertTrue(config.advertise().isEmpty());
        assertEquals(Path.of("/var/lib/terway"), config.stateDir());
        assertEquals(Path.of("/var/run/terway"), config.runDir());
        assertEquals(URI.create("http://100.100.100.200"), config.metadata());
        assertTrue(config.cni().binDir().isEmpty());
        assertTrue(config.cni().confDir().isEmpty());
        assertTrue(config.tls().certificate().isEmpty());
        assertTrue(config.tls().key().isEmpty());
        assertTrue(config.tls().authority().isEmpty());
        assertTrue(config.acceleration());
        assertFalse(config.auditDenials());
        assertTrue(config.flowLog().limits().isEmpty());
    }

    @Test
    void theFlowLogIsSetByItsKeysAndCheckedByName() {
        AgentConfig config = config(Map.of("terway.node-name", "n", "terway.flow-log.one-in", "7"));
        assertEquals(
                new FlowLimits(7, 100, 16L << 20, 4), config.flowLog().limits().orElseThrow());

        AgentConfig wrong = config(
                Map.of("terway.node-name", "n", "terway.flow-log.one-in", "7", "terway.flow-log.per-second", "0"));
        var refused = assertThrows(
                IllegalArgumentException.class, () -> wrong.flowLog().limits());
        assertTrue(refused.getMessage().contains("terway.flow-log.per-second is 0"), refused.getMessage());
    }

    @Test
    void theNodeNameMustBeGiven() {
        var refused = assertThrows(ConfigValidationException.class, () -> config(Map.of()));
        assertTrue(refused.getMessage().contains("terway.node-name"), refused.getMessage());
    }

    @Test
    void anUnknownKeyIsRefusedByName() {
        var refused = assertThrows(
                ConfigValidationException.class,
                () -> config(Map.of("terway.node-name", "n", "terway.stat-dir", "/x")));
        assertTrue(refused.getMessage().contains("terway.stat-dir"), refused.getMessage());
    }
}
