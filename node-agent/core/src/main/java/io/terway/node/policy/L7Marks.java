package io.terway.node.policy;

/** Bits of the packet mark that belong to the HTTP proxy. Rules of others use the low bits or the whole mark of 0x4000. */
public final class L7Marks {

    /** On packets that are led to the proxy's sockets. */
    public static final int REDIRECT_BIT = 0x0100_0000;

    /** On packets of the proxy's own connections to where a request goes. */
    public static final int UPSTREAM_BIT = 0x0200_0000;

    static final String REDIRECT = "0x%08x".formatted(REDIRECT_BIT);
    static final String UPSTREAM = "0x%08x".formatted(UPSTREAM_BIT);

    /** Where the proxy listens, on the loopback of the namespace whose packets it gets. */
    public static final int PORT = 7605;

    private L7Marks() {}

    /** True when connection tracking knows it as one of the proxy's: accepted by it, or made by it. */
    public static boolean isProxied(int connectionMark) {
        return (connectionMark & (REDIRECT_BIT | UPSTREAM_BIT)) != 0;
    }

    /** A match on a mark's bit. */
    static String has(String field, String bit) {
        return field + " & " + bit + " == " + bit;
    }
}
