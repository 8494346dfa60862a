package io.terway.eni.sim.rpc;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.SortedMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signature version 1: HMAC-SHA1 over the method and every parameter but the signature itself. */
public final class Signature {

    private static final String ALGORITHM = "HmacSHA1";
    private static final String HEX = "0123456789ABCDEF";

    private Signature() {}

    /** What both ends sign, whatever the path of the request: the signature always uses {@code /}. */
    public static String stringToSign(String method, SortedMap<String, String> params) {
        StringBuilder canonical = new StringBuilder(512);
        for (Map.Entry<String, String> param : params.entrySet()) {
            if (!param.getKey().equals("Signature")) {
                canonical.append(canonical.isEmpty() ? "" : "&");
                canonical.append(percent(param.getKey())).append('=').append(percent(param.getValue()));
            }
        }
        return method + "&%2F&" + percent(canonical.toString());
    }

    public static String sign(String secret, String stringToSign) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec((secret + "&").getBytes(StandardCharsets.UTF_8), ALGORITHM));
            byte[] digest = mac.doFinal(stringToSign.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is missing from this Java", e);
        }
    }

    /** Compares in constant time. */
    public static boolean matches(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    /** Percent-encoding as RFC 3986 has it; two thirds of a call's text pass here twice, so in one go. */
    static String percent(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder(bytes.length + bytes.length / 4);
        for (byte b : bytes) {
            if (b >= 'a' && b <= 'z'
                    || b >= 'A' && b <= 'Z'
                    || b >= '-' && b <= '9' && b != '/'
                    || b == '_'
                    || b == '~') {
                out.append((char) b);
            } else {
                out.append('%').append(HEX.charAt(b >> 4 & 0xf)).append(HEX.charAt(b & 0xf));
            }
        }
        return out.toString();
    }
}
