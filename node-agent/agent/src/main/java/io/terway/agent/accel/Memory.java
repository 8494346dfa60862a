package io.terway.agent.accel;

import io.terway.linux.netns.NetnsThread;
import io.terway.linux.sysctl.Sysctl;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How long the node's connection tracking remembers an idle connection. Packets that skip the stack do not count there, so
 * the program says it in its place.
 */
record Memory(Duration tcp, Duration udp) {

    private static final String TIMEOUT = "net/netfilter/nf_conntrack_";

    /** The program gives milliseconds in 32 bits. */
    private static final long MOST_SECONDS = Integer.MAX_VALUE / 1000;

    /** As the kernel's parameters are now. */
    static Memory of(Path host) {
        return NetnsThread.call(
                host, () -> new Memory(timeout("tcp_timeout_established"), timeout("udp_timeout_stream")));
    }

    private static Duration timeout(String name) {
        return Sysctl.read(TIMEOUT + name)
                .map(Long::parseLong)
                .map(seconds -> Duration.ofSeconds(Math.min(seconds, MOST_SECONDS)))
                .orElseThrow(() -> new IllegalStateException("this kernel has no parameter " + TIMEOUT + name));
    }

    int millis(int protocol) {
        return (int) (protocol == FlowProgram.TCP ? tcp : udp).toMillis();
    }
}
