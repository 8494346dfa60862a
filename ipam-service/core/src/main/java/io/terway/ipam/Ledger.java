package io.terway.ipam;

import io.terway.net.Ip;
import java.time.Duration;
import java.util.List;

/**
 * An agent's whole ledger at the sequence it named in its Hello.
 *
 * @param bindings who holds what
 * @param offered addresses the node may use
 * @param withdrawn addresses durably withdrawn and not offered again since
 * @param cooling addresses that cool down
 */
public record Ledger(List<Binding> bindings, List<Numbered> offered, List<Numbered> withdrawn, List<Cooling> cooling) {

    /** Most entries of a ledger, all lists together: far above what an instance can hold, far below what hurts. */
    public static final int MAX_ENTRIES = 10_000;

    public static final Ledger EMPTY = new Ledger(List.of(), List.of(), List.of(), List.of());

    public Ledger {
        bindings = List.copyOf(bindings);
        offered = List.copyOf(offered);
        withdrawn = List.copyOf(withdrawn);
        cooling = List.copyOf(cooling);
        int entries = bindings.size() + offered.size() + withdrawn.size() + cooling.size();
        if (entries > MAX_ENTRIES) {
            throw new IllegalArgumentException("a ledger of " + entries + " entries; at most " + MAX_ENTRIES);
        }
    }

    /**
     * An address with the offer or withdrawal in force.
     *
     * @param address the address and its ENI
     * @param number the larger wins
     */
    public record Numbered(EniIp address, long number) {}

    /**
     * An address in cool-down.
     *
     * @param ip the address
     * @param lastHolder who held it last
     * @param left what is left, as the agent counts it
     */
    public record Cooling(Ip ip, Holder lastHolder, Duration left) {}

    /** The highest number the agent knows, 0 without any. */
    long highestNumber() {
        long highest = 0;
        for (Numbered entry : offered) {
            highest = Math.max(highest, entry.number());
        }
        for (Numbered entry : withdrawn) {
            highest = Math.max(highest, entry.number());
        }
        return highest;
    }
}
