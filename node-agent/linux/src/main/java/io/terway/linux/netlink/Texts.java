package io.terway.linux.netlink;

import java.nio.charset.StandardCharsets;

/** Text as the kernel takes it. */
final class Texts {

    private Texts() {}

    /** UTF-8 without a terminator, refused beyond {@code max} bytes. */
    static byte[] utf8(String text, int max) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > max) {
            throw new IllegalArgumentException("'" + text + "' has " + bytes.length + " bytes, allowed are " + max);
        }
        return bytes;
    }
}
