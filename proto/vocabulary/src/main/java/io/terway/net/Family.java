package io.terway.net;

/** An address family, with the width of its addresses in bits. */
public enum Family {
    IPV4(32),
    IPV6(128);

    private final int bits;

    Family(int bits) {
        this.bits = bits;
    }

    /** Width of an address in bits: 32 or 128. */
    public int bits() {
        return bits;
    }
}
