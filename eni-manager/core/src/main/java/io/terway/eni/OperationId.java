package io.terway.eni;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The caller's random name of one mutation: the same id is the same mutation, whatever crashes between. */
public record OperationId(String value) {

    /** The cloud allows 64 characters for a client token and 128 for a tag value; the contract allows 64. */
    public static final int MAX_LENGTH = 64;

    public OperationId {
        if (value == null || !value.matches("[!-~]{1," + MAX_LENGTH + "}")) {
            throw new IllegalArgumentException(
                    "operation id '" + value + "' is not 1 to " + MAX_LENGTH + " printable ASCII characters");
        }
    }

    /**
     * The client token of one cloud call of this operation. Calls with other parameters must pass another
     * {@code detail}, as the cloud refuses a token whose parameters changed.
     */
    public String clientToken(String detail) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((value + '\n' + detail).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 20);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
