package io.terway.agent.accel;

import io.terway.linux.netns.NetnsThread;
import io.terway.linux.sysctl.Sysctl;
import java.nio.file.Path;

/**
 * What conntrack of the node must bear with while it sees only some of a connection's packets. It misses acknowledgements,
 * so it would give an idle connection five minutes instead of days, and numbers, so it would call the reset that ends a
 * long transfer invalid; policy drops what belongs to no connection, and both ends would wait for ever. The kernel's
 * parameters for that are the node's; they stay when acceleration ends, since connections it has shortened stay too.
 */
final class Tolerance {

    private static final String CONNTRACK = "net/netfilter/nf_conntrack_tcp_";

    private Tolerance() {}

    /** Sets what is not set; a {@link io.terway.linux.ffm.KernelRefusal} or an I/O error says what could not be. */
    static void ensure(Path host) {
        NetnsThread.run(host, () -> {
            String established = Sysctl.read(CONNTRACK + "timeout_established")
                    .orElseThrow(() -> new IllegalStateException("this kernel has no connection tracking of TCP"));
            Sysctl.ensure(CONNTRACK + "timeout_unacknowledged", established);
            Sysctl.ensure(CONNTRACK + "timeout_max_retrans", established);
            Sysctl.ensure(CONNTRACK + "ignore_invalid_rst", "1");
        });
    }
}
