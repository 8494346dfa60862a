package io.terway.eni.ecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.exceptions.ClientException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialChainTest {

    /** Nothing listens on port 1 of the loopback. */
    private static final URI NO_METADATA = URI.create("http://127.0.0.1:1");

    @TempDir
    Path dir;

    private CredentialChain chain(Map<String, String> environment) {
        return CredentialChain.of(name -> Optional.ofNullable(environment.get(name)), dir, NO_METADATA);
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

        assertEquals("mounted secret", chain.source());
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
