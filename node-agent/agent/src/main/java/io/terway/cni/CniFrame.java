package io.terway.cni;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What the plugin sent: the head line, the environment, stdin.
 *
 * @param started when the plugin started, on CLOCK_BOOTTIME
 * @param environment the CNI_ variables that were set
 * @param stdin verbatim
 */
public record CniFrame(Duration started, Map<String, String> environment, byte[] stdin) {

    /** Length of a frame on the socket; the plugin keeps to the same. */
    public static final int LIMIT = 1 << 20;

    private static final String HEAD = "TERWAY/1 ";

    public CniFrame {
        environment = Map.copyOf(environment);
    }

    /**
     * Reads the body of a frame, or of a parked DEL.
     *
     * @throws CniFailure with code 6 when it is not one
     */
    public static CniFrame parse(byte[] body) {
        int line = indexOf(body, '\n', 0);
        if (line < 0 || !ascii(body, 0, Math.min(line, HEAD.length())).equals(HEAD)) {
            throw new CniFailure(CniCode.UNDECODABLE, "the request is not a TERWAY/1 frame; plugin and agent differ");
        }
        String digits = ascii(body, HEAD.length(), line);
        if (!digits.matches("[0-9]{1,18}")) {
            throw new CniFailure(CniCode.UNDECODABLE, "the frame's start time '" + digits + "' is not nanoseconds");
        }
        Map<String, String> environment = new HashMap<>();
        int at = line + 1;
        while (true) {
            int end = indexOf(body, 0, at);
            if (end < 0) {
                throw new CniFailure(CniCode.UNDECODABLE, "the frame's environment does not end");
            }
            if (end == at) {
                break;
            }
            String variable = new String(body, at, end - at, StandardCharsets.UTF_8);
            int equals = variable.indexOf('=');
            if (equals < 1) {
                throw new CniFailure(CniCode.UNDECODABLE, "the frame's variable '" + variable + "' is not NAME=VALUE");
            }
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            at = end + 1;
        }
        byte[] stdin = Arrays.copyOfRange(body, at + 1, body.length);
        return new CniFrame(Duration.ofNanos(Long.parseLong(digits)), environment, stdin);
    }

    private static String ascii(byte[] body, int from, int to) {
        return new String(body, from, to - from, StandardCharsets.US_ASCII);
    }

    private static int indexOf(byte[] body, int value, int from) {
        for (int i = from; i < body.length; i++) {
            if (body[i] == value) {
                return i;
            }
        }
        return -1;
    }
}
