package io.terway.eni.ecs;

import com.aliyuncs.auth.BasicSessionCredentials;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The token file that the cloud keeps up to date for its add-ons: JSON with the end of the session in clear, and a key that
 * is AES-CBC under a keyring which lies beside it. Where clusters of the existing Terway set {@code credential_path}, it
 * names such a file.
 */
final class AddonToken {

    private static final int IV_BYTES = 16;
    private static final long MOST_BYTES = 65_536;

    private AddonToken() {}

    /** Why a file gives no key. The message names the field at fault, never a value. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String why) {
            super(why);
        }
    }

    static BasicSessionCredentials read(Path file, Instant now) throws Unusable {
        JsonObject token = parse(file);
        String end = text(token, "expiration");
        try {
            if (!Instant.parse(end).isAfter(now)) {
                throw new Unusable("the session ended at " + end);
            }
        } catch (DateTimeException e) {
            throw new Unusable("expiration is not yyyy-MM-ddTHH:mm:ssZ");
        }
        return new BasicSessionCredentials(
                decrypted(token, "access.key.id"),
                decrypted(token, "access.key.secret"),
                decrypted(token, "security.token"));
    }

    private static JsonObject parse(Path file) throws Unusable {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new Unusable("the file is larger than " + MOST_BYTES + " bytes");
            }
            JsonElement root = JsonParser.parseString(Files.readString(file));
            if (!root.isJsonObject()) {
                throw new Unusable("the file is not a JSON object");
            }
            return root.getAsJsonObject();
        } catch (NoSuchFileException e) {
            throw new Unusable("there is no such file");
        } catch (IOException e) {
            throw new Unusable("the file cannot be read (" + e.getClass().getSimpleName() + ")");
        } catch (JsonParseException e) {
            throw new Unusable("the file is not JSON");
        }
    }

    private static String text(JsonObject token, String field) throws Unusable {
        JsonElement value = token.get(field);
        if (value == null || !value.isJsonPrimitive() || value.getAsString().isEmpty()) {
            throw new Unusable("the field " + field + " is missing");
        }
        return value.getAsString();
    }

    private static String decrypted(JsonObject token, String field) throws Unusable {
        try {
            byte[] cipherText = Base64.getDecoder().decode(text(token, field));
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(text(token, "keyring").getBytes(StandardCharsets.UTF_8), "AES"),
                    new IvParameterSpec(cipherText, 0, Math.min(IV_BYTES, cipherText.length)));
            byte[] clear = cipher.doFinal(cipherText, IV_BYTES, Math.max(0, cipherText.length - IV_BYTES));
            if (clear.length == 0) {
                throw new Unusable("the field " + field + " is empty");
            }
            return new String(clear, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Unusable("the field " + field + " does not decrypt with the file's keyring");
        }
    }
}
