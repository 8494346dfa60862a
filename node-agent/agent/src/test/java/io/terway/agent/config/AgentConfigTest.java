package io.terway.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfigBuilder;
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
