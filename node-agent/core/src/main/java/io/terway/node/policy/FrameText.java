package io.terway.node.policy;

/**
 * A second table, in namespaces of pods whose link is the VPC's own. A process with NET_RAW can hand the link frames of its
 * own making (packet sockets), which never pass the hooks where policy is judged. What did pass them bears a route; only
 * that, and address resolution, leaves the link. The ethernet type is read from the frame: what the socket says of it may
 * be a lie.
 */
public final class FrameText {

    /** Family and name; the name is our other table's, so that whoever watches that one sees changes of this one too. */
    public static final String TABLE = "netdev terway";

    private static final String CHAIN = TABLE + " frames";

    /** Every value: a packet without a route has none, and matches nothing. */
    private static final String HAS_ROUTE = "meta rtclassid 0-4294967295";

    private FrameText() {}

    /** Makes the table, whatever was there. The link must exist. */
    public static String make(String link) {
        return "add table " + TABLE + "\ndelete table " + TABLE + "\nadd table " + TABLE + "\n"
                + rules(CHAIN, link)
                + "add rule " + CHAIN + " counter drop comment \"not judged by any policy\"\n";
    }

    /** Takes it away, also where it is not. */
    public static String remove() {
        return "add table " + TABLE + "\ndelete table " + TABLE + "\n";
    }

    /** Leaves nothing; refused by a kernel that cannot do it. */
    public static String probe() {
        String table = "netdev terway_probe";
        return "add table " + table + "\n" + rules(table + " frames", "lo") + "delete table " + table + "\n";
    }

    private static String rules(String chain, String link) {
        return "add chain " + chain + " { type filter hook egress device \"" + link
                + "\" priority 0; policy drop; }\n"
                + "add rule " + chain + " " + HAS_ROUTE + " accept comment \"judged in inet terway\"\n"
                + "add rule " + chain + " ether type arp accept comment \"address resolution\"\n";
    }
}
