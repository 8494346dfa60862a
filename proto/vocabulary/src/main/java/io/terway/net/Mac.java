package io.terway.net;

/** A 48-bit Ethernet address. Text form is lower-case hex pairs joined by colons. */
public record Mac(long bits) implements Comparable<Mac> {

    public Mac {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits");
        }
    }

    /**
     * Reads {@code 00:16:3e:0a:0b:0c}, any case.
     *
     * @throws IllegalArgumentException naming the text when it is something else
     */
    public static Mac parse(String text) {
        if (!text.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
            throw new IllegalArgumentException("'" + text + "' is not a MAC address");
        }
        return new Mac(Long.parseLong(text.replace(":", ""), 16));
    }

    /** Six bytes in transmission order. */
    public static Mac of(byte[] bytes) {
        if (bytes.length != 6) {
            throw new IllegalArgumentException("a MAC address has 6 bytes, not " + bytes.length);
        }
        long value = 0;
        for (byte b : bytes) {
            value = value << 8 | b & 255;
        }
        return new Mac(value);
    }

    /** Six bytes in transmission order. A fresh array. */
    public byte[] bytes() {
        byte[] out = new byte[6];
        for (int i = 0; i < 6; i++) {
            out[i] = (byte) (bits >>> (8 * (5 - i)));
        }
        return out;
    }

    @Override
    public int compareTo(Mac other) {
        return Long.compare(bits, other.bits);
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(17);
        for (byte b : bytes()) {
            if (!out.isEmpty()) {
                out.append(':');
            }
            out.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return out.toString();
    }
}
