package io.terway.eni.sim.rpc;

import io.terway.eni.sim.refusal.ErrorCode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signature version 3 (ACS3-HMAC-SHA256), which the newer official SDKs send in the header Authorization.
 *
 * @param signed names of the headers that are signed, in their order
 */
record HeaderSignature(String keyId, List<String> signed, String signature) {

    private static final String ALGORITHM = "ACS3-HMAC-SHA256";

    static boolean isUsedBy(WireRequest request) {
        return request.header("authorization").startsWith(ALGORITHM);
    }

    /** The signature of a request that uses this version. */
    static HeaderSignature of(WireRequest request) {
        Map<String, String> parts = new TreeMap<>();
        String text = request.header("authorization").substring(ALGORITHM.length());
        for (String part : text.strip().split(",")) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                parts.put(part.substring(0, equals).strip(), part.substring(equals + 1));
            }
        }
        if (!parts.keySet().containsAll(List.of("Credential", "SignedHeaders", "Signature"))) {
            throw ErrorCode.INCOMPLETE_SIGNATURE.refuse(
                    "The header Authorization needs Credential, SignedHeaders and Signature.");
        }
        return new HeaderSignature(
                parts.get("Credential"), List.of(parts.get("SignedHeaders").split(";")), parts.get("Signature"));
    }

    /** Refuses a request that this secret did not sign, or whose body is not the signed one. */
    void require(WireRequest request, String secret) {
        String hash = HexFormat.of().formatHex(sha256(request.bodyBytes()));
        if (!hash.equalsIgnoreCase(request.header("x-acs-content-sha256"))) {
            throw ErrorCode.SIGNATURE_MISMATCH.refuse("The header x-acs-content-sha256 is not the hash of the body.");
        }
        String canonical = String.join(
                "\n",
                request.method(),
                request.path().isEmpty() ? "/" : request.path(),
                query(request.query()),
                signed.stream()
                        .map(name -> name + ":" + request.header(name).strip() + "\n")
                        .collect(Collectors.joining()),
                String.join(";", signed),
                hash);
        String toSign = ALGORITHM + "\n" + HexFormat.of().formatHex(sha256(canonical.getBytes(StandardCharsets.UTF_8)));
        if (!Signature.matches(HexFormat.of().formatHex(hmac(secret, toSign)), signature)) {
            throw ErrorCode.SIGNATURE_MISMATCH.refuse(
                    "%s",
                    "Specified signature is not matched with our calculation. server string to sign is:" + toSign);
        }
    }

    private static String query(String raw) {
        List<String> pairs = new ArrayList<>();
        for (String pair : raw.isEmpty() ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            pairs.add(recoded(name) + "=" + (equals < 0 ? "" : recoded(pair.substring(equals + 1))));
        }
        return pairs.stream().sorted().collect(Collectors.joining("&"));
    }

    private static String recoded(String text) {
        return Signature.percent(URLDecoder.decode(text, StandardCharsets.UTF_8));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static byte[] hmac(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has HmacSHA256", e);
        }
    }
}
