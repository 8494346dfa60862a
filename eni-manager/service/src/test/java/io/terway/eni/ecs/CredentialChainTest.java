package io.terway.eni.ecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.auth.BasicSessionCredentials;
import com.aliyuncs.exceptions.ClientException;
import io.terway.eni.config.LiveConfig.AccessKey;
import io.terway.eni.sim.EcsSimulator;
import io.terway.eni.sim.Options;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.VpcObserver;
import io.terway.net.InstanceId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialChainTest {

    /** Nothing listens on port 1 of the loopback. */
    private static final URI NO_METADATA = URI.create("http://127.0.0.1:1");

    @TempDir
    Path dir;

    private Optional<AccessKey> configMap = Optional.empty();
    private Optional<Path> credentialPath = Optional.empty();
    private URI sts = NO_METADATA;

    private URI metadata = NO_METADATA;

    private CredentialChain chain(Map<String, String> environment) {
        Function<String, Optional<String>> read = name -> Optional.ofNullable(environment.get(name));
        return new CredentialChain(new CredentialChain.Sources(
                () -> configMap,
                () -> credentialPath,
                read,
                List.of(dir),
                new OidcRole(read, sts),
                new RamRole(metadata)));
    }

    /** A twin whose metadata service takes every caller for its first instance, and hands out keys of its role. */
    private EcsSimulator instance() {
        EcsSimulator twin = EcsSimulator.start(
                Scenario.standard(),
                Options.defaults()
                        .withMetadata("127.0.0.1", 0)
                        .withCallers(_ -> Optional.of(new InstanceId("i-bp1node00001"))),
                VpcObserver.NONE);
        metadata = URI.create("http://127.0.0.1:" + twin.metadataPort());
        return twin;
    }

    @Test
    void theEnvironmentComesFirst() throws ClientException, IOException {
        Files.writeString(dir.resolve("access-key-id"), "from-secret");
        Files.writeString(dir.resolve("access-key-secret"), "s");

        CredentialChain chain =
                chain(Map.of("ALIBABA_CLOUD_ACCESS_KEY_ID", "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret"));

        assertEquals("environment", chain.source());
        assertEquals("id", chain.getCredentials().getAccessKeyId());
    }

    @Test
    void aMountedSecretComesNext() throws ClientException, IOException {
        Files.writeString(dir.resolve("access-key-id"), "from-secret\n");
        Files.writeString(dir.resolve("access-key-secret"), "s\n");

        CredentialChain chain = chain(Map.of());

        assertEquals("mounted secret " + dir, chain.source());
        assertEquals("from-secret", chain.getCredentials().getAccessKeyId());
    }

    @Test
    void withoutAKeyTheMessageSaysWhatToDo() {
        CredentialChain chain = chain(Map.of());

        var refusal = assertThrows(ClientException.class, chain::getCredentials);

        assertEquals(CredentialChain.NONE, chain.source());
        assertTrue(refusal.getErrMsg().contains("ALIBABA_CLOUD_ACCESS_KEY_ID"), refusal.getErrMsg());
    }

    @Test
    void theKeyOfEniConfigComesBeforeAll() throws ClientException {
        configMap = Optional.of(new AccessKey("from-config", "s"));

        CredentialChain chain =
                chain(Map.of("ALIBABA_CLOUD_ACCESS_KEY_ID", "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret"));

        assertEquals("eni-config", chain.source());
        assertEquals("from-config", chain.getCredentials().getAccessKeyId());
        assertFalse(configMap.toString().contains("from-config"), "a key must not show in a log");
    }

    @Test
    void aServiceAccountsTokenIsExchangedForARole() throws ClientException, IOException {
        try (StsModel model = new StsModel("the-token")) {
            sts = model.uri();
            Files.writeString(dir.resolve("token"), "the-token\n");

            CredentialChain chain = chain(rrsa());

            assertEquals("RRSA role acs:ram::1:role/terway", chain.source());
            BasicSessionCredentials key = (BasicSessionCredentials) chain.getCredentials();
            assertEquals("STS.1", key.getAccessKeyId());
            assertEquals("session", key.getSessionToken());
        }
    }

    @Test
    void aTokenThatStsRefusesLeavesNoKey() throws IOException {
        try (StsModel model = new StsModel("the-token")) {
            sts = model.uri();
            Files.writeString(dir.resolve("token"), "another-token");

            assertEquals(CredentialChain.NONE, chain(rrsa()).source());
        }
    }

    @Test
    void anInstanceWithoutAnyKeyUsesItsRamRole() throws ClientException {
        try (EcsSimulator _ = instance()) {
            CredentialChain chain = chain(Map.of());

            assertEquals("RAM role terway-node-role", chain.source());
            BasicSessionCredentials key = (BasicSessionCredentials) chain.getCredentials();
            assertTrue(key.getAccessKeyId().startsWith("STS."), key.getAccessKeyId());
            assertFalse(key.getSessionToken().isEmpty());
        }
    }

    @Test
    void aRoleIsAskedAgainOnlyAfterARefusalOrNearTheEndOfItsSession() throws ClientException {
        try (EcsSimulator _ = instance()) {
            CredentialChain chain = chain(Map.of());
            var first = chain.getCredentials();

            assertSame(first, chain.getCredentials());
            chain.distrust();

            assertNotSame(first, chain.getCredentials());
        }
    }

    @Test
    void aRolesKeyStaysInUseWhileMetadataCannotBeReached() throws ClientException {
        CredentialChain chain;
        String key;
        try (EcsSimulator _ = instance()) {
            chain = chain(Map.of());
            key = chain.getCredentials().getAccessKeyId();
        }

        chain.distrust();

        assertEquals(key, chain.getCredentials().getAccessKeyId());
        assertEquals("RAM role terway-node-role", chain.source());
    }

    private Map<String, String> rrsa() {
        return Map.of(
                "ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/terway",
                "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/ack",
                "ALIBABA_CLOUD_OIDC_TOKEN_FILE", dir.resolve("token").toString());
    }

    @Test
    void aRotatedSecretIsTakenUpAfterARefusal() throws ClientException, IOException {
        Files.writeString(dir.resolve("access-key-id"), "old");
        Files.writeString(dir.resolve("access-key-secret"), "s");
        CredentialChain chain = chain(Map.of());
        chain.getCredentials();
        Files.writeString(dir.resolve("access-key-id"), "new");

        chain.distrust();

        assertEquals("new", chain.getCredentials().getAccessKeyId());
    }
}
