package io.terway.node.datapath;

import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names and MAC addresses derived from a sandbox, so that a plan is known before anything is made. */
public final class LinkNames {

    /** Marks a MAC as unicast and locally administered. */
    private static final long LOCAL_UNICAST = 0x02_00_00_00_00_00L;

    private static final long MULTICAST_AND_LOCAL_BITS = 0x03_00_00_00_00_00L;

    /** What every host end is called by. */
    public static final String HOST_PREFIX = "cali";

    private static final int HASH_DIGITS = 11;

    private LinkNames() {}

    /**
     * The host's end: {@code cali} and 11 hex digits of SHA-1, exactly as Calico and Terway name it, so that other tools
     * find it. The interface counts as "" when it is eth0.
     */
    public static String hostLink(PodRef pod, String ifName) {
        String suffix = ifName.equals("eth0") ? "" : ifName;
        byte[] hash = sha1(pod.namespace() + "." + pod.name() + suffix);
        return HOST_PREFIX + HexFormat.of().formatHex(hash).substring(0, HASH_DIGITS);
    }

    /** The MAC of the host's end. Set explicitly, so udev leaves it alone. */
    public static Mac hostMac(SandboxKey key) {
        return mac("host", key);
    }

    /** The MAC of the pod's end. */
    public static Mac podMac(SandboxKey key) {
        return mac("pod", key);
    }

    private static Mac mac(String end, SandboxKey key) {
        byte[] hash = sha1(end + "/" + key);
        long bits = 0;
        for (int i = 0; i < 6; i++) {
            bits = bits << 8 | hash[i] & 255;
        }
        return new Mac(bits & ~MULTICAST_AND_LOCAL_BITS | LOCAL_UNICAST);
    }

    private static byte[] sha1(String text) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }
}
