package io.terway.node.datapath;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;

/**
 * The numbers and names by which users, other tools and the next start recognise what is ours. Priorities, table numbers
 * and gateways are those of the existing Terway; the maker's number and the alias are new.
 */
public final class Conventions {

    /** Maker of our addresses, routes, rules and neighbours ({@code proto 84}, 'T'); unassigned in iproute2's rt_protos. */
    public static final int PROTOCOL = 84;

    /** Device group of links that wait for the reaper. */
    public static final int REAPER_GROUP = 0x7e2a;

    /** Packets to a pod look up main, before every other rule. */
    public static final int TO_POD_PRIORITY = 512;

    /** Packets from a pod look up its ENI's table. */
    public static final int FROM_POD_PRIORITY = 2048;

    /** The kernel's main table. */
    public static final int MAIN_TABLE = 254;

    private static final int TABLE_OFFSET = 1000;

    private static final Ip GATEWAY_IPV4 = Ip.parse("169.254.1.1");
    private static final Ip GATEWAY_IPV6 = Ip.parse("fe80::1");

    private Conventions() {}

    /** The route table of an ENI. */
    public static int table(int eniIfindex) {
        return TABLE_OFFSET + eniIfindex;
    }

    /** A pod's gateway; no link holds it, permanent neighbours lead to the host's end. */
    public static Ip podGateway(Family family) {
        return switch (family) {
            case IPV4 -> GATEWAY_IPV4;
            case IPV6 -> GATEWAY_IPV6;
        };
    }

    /** The alias of a sandbox's host link; tells one sandbox's link from that of the next with the same pod name. */
    public static String alias(SandboxKey key) {
        return "terway " + key.containerId() + "/" + key.ifName();
    }

    /** The name of a link that waits for the reaper; unique because indexes are. */
    public static String retiredName(int ifindex) {
        return "twx" + Integer.toHexString(ifindex);
    }
}
