package io.terway.linux.bpf;

import java.util.Locale;

/**
 * Functions of the kernel that programs call by their type's number (kfuncs), beside the {@link Helper}s, which have numbers
 * of their own. Those of connection tracking, since Linux 6.0.
 */
public enum KernelFunction {
    /** (packet, addresses and ports, their length, options, their length): the connection, or 0. */
    BPF_SKB_CT_LOOKUP,
    /** (connection, milliseconds from now). */
    BPF_CT_CHANGE_TIMEOUT,
    /** (connection): what was looked up must be given back. */
    BPF_CT_RELEASE;

    /** The module that has them, where they are not part of the kernel itself. */
    static final String MODULE = "nf_conntrack";

    private final String symbol = name().toLowerCase(Locale.ROOT);

    String symbol() {
        return symbol;
    }
}
