package io.terway.eni.ecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.auth.BasicSessionCredentials;
import com.aliyuncs.exceptions.ClientException;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's key credential_path: the file that the cloud's add-ons get their session in. */
final class AddonTokenTest {

    private static final String KEYRING = "0123456789abcdef0123456789abcdef";
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");

    @TempDir
    Path dir;

    private Path file;
    private CredentialChain chain;

    @BeforeEach
    void nameTheFile() {
        file = dir.resolve("token-config");
        chain = new CredentialChain(new CredentialChain.Sources(
                Optional::empty,
                () -> Optional.of(file),
                _ -> Optional.empty(),
                List.of(),
                new OidcRole(_ -> Optional.empty(), NOBODY),
                new RamRole(NOBODY)));
    }

    private static JsonObject token(String id, Instant end) {
        JsonObject token = new JsonObject();
        token.addProperty("access.key.id", encrypted(id));
        token.addProperty("access.key.secret", encrypted("the-secret"));
        token.addProperty("security.token", encrypted("the-session"));
        token.addProperty("expiration", end.truncatedTo(ChronoUnit.SECONDS).toString());
        token.addProperty("keyring", KEYRING);
        return token;
    }

    /** As the cloud writes it: the initialisation vector, then the blocks. */
    private static String encrypted(String text) {
        try {
            byte[] out = new byte[16 + (text.length() / 16 + 1) * 16];
            new java.util.SplittableRandom(text.hashCode()).nextBytes(out);
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(KEYRING.getBytes(StandardCharsets.UTF_8), "AES"),
                    new IvParameterSpec(out, 0, 16));
            byte[] clear = text.getBytes(StandardCharsets.UTF_8);
            cipher.doFinal(clear, 0, clear.length, out, 16);
            return Base64.getEncoder().encodeToString(out);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Instant inAnHour() {
        return Instant.now().plus(1, ChronoUnit.HOURS);
    }

    private void write(JsonObject token) throws IOException {
        Files.writeString(file, token.toString());
    }

    private void refusedBecause(String why) {
        chain.distrust();
        assertEquals(CredentialChain.NONE, chain.source());
        String trouble = chain.pathTrouble().orElseThrow();
        assertTrue(trouble.startsWith("eni_conf.credential_path is '" + file + "'"), trouble);
        assertTrue(trouble.endsWith(why), trouble);
        assertFalse(trouble.contains("the-s") || trouble.contains(KEYRING), "a secret must not show");
        var none = assertThrows(ClientException.class, chain::getCredentials);
        assertTrue(none.getErrMsg().endsWith(trouble), none.getErrMsg());
    }

    @Test
    void theFileGivesTheSessionInIt() throws IOException, ClientException {
        write(token("STS.one", inAnHour()));

        BasicSessionCredentials key = (BasicSessionCredentials) chain.getCredentials();

        assertEquals("credential_path " + file, chain.source());
        assertEquals("STS.one", key.getAccessKeyId());
        assertEquals("the-secret", key.getAccessKeySecret());
        assertEquals("the-session", key.getSessionToken());
        assertTrue(chain.pathTrouble().isEmpty());
    }

    @Test
    void aRenewedFileIsTakenUp() throws IOException, ClientException {
        write(token("STS.one", inAnHour()));
        chain.getCredentials();
        write(token("STS.two", inAnHour()));

        chain.distrust();

        assertEquals("STS.two", chain.getCredentials().getAccessKeyId());
    }

    @Test
    void aDirectoryIsReadLikeAMountedSecret() throws IOException, ClientException {
        Files.createDirectory(file);
        refusedBecause("a directory without the files access-key-id and access-key-secret");
        Files.writeString(file.resolve("access-key-id"), "id\n");
        Files.writeString(file.resolve("access-key-secret"), "the-secret\n");

        chain.distrust();

        assertEquals("id", chain.getCredentials().getAccessKeyId());
        assertEquals("mounted secret " + file, chain.source());
    }

    @Test
    void aFileThatGivesNoKeyIsToldByWhatIsWrong() throws IOException {
        refusedBecause("there is no such file");
        Files.writeString(file, "{\"access.key.id\":");
        refusedBecause("the file is not JSON");
        Files.writeString(file, "[]");
        refusedBecause("the file is not a JSON object");
        Files.writeString(file, " ".repeat(70_000));
        refusedBecause("the file is larger than 65536 bytes");
        write(token("STS.one", Instant.parse("2026-01-01T00:00:00Z")));
        refusedBecause("the session ended at 2026-01-01T00:00:00Z");
    }

    @Test
    void aDamagedFieldIsNamed() throws IOException {
        for (String field : List.of("access.key.id", "access.key.secret", "security.token", "expiration", "keyring")) {
            JsonObject token = token("STS.one", inAnHour());
            token.remove(field);
            write(token);
            refusedBecause("the field " + field + " is missing");
        }
        for (String damage : List.of("?", "AAAA", encrypted("x").substring(4), encrypted(""))) {
            JsonObject token = token("STS.one", inAnHour());
            token.addProperty("security.token", damage);
            write(token);
            refusedBecause(
                    damage.equals(encrypted(""))
                            ? "the field security.token is empty"
                            : "the field security.token does not decrypt with the file's keyring");
        }
        JsonObject token = token("STS.one", inAnHour());
        token.addProperty("expiration", "tomorrow");
        write(token);
        refusedBecause("expiration is not yyyy-MM-ddTHH:mm:ssZ");
    }
}
