package io.terway.agent.apply;

import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netlink.TokenBucket;

/**
 * How fast a queue lets packets go.
 *
 * @param mtu of the link in bytes
 */
record Rate(long bytesPerSecond, int mtu) {

    /** Bytes that go at once: a thousandth of a second's, at least a frame of the largest segment the stack sends. */
    private static final int LEAST_BURST = 64 * 1024;

    /** Packets wait this long at most. */
    private static final int LATENCY_MILLIS = 25;

    TokenBucket on(int ifindex) {
        int burst = Math.clamp(bytesPerSecond / 1000, Math.max(LEAST_BURST, mtu), Integer.MAX_VALUE / 4);
        long waiting = bytesPerSecond * LATENCY_MILLIS / 1000;
        return new TokenBucket(ifindex, bytesPerSecond, burst, Math.clamp(waiting + burst, burst, Integer.MAX_VALUE));
    }

    boolean isOn(RouteSocket socket, int ifindex) {
        return socket.tokenBuckets().stream()
                .anyMatch(found -> found.ifindex() == ifindex && found.bytesPerSecond() == bytesPerSecond);
    }
}
