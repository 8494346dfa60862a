package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;

/**
 * A policy routing rule of ours; a side that matches everything is the family's /0.
 *
 * @param mark bits of the packet's mark that must be set; 0 for any mark
 */
public record RuleEntry(int priority, Cidr from, Cidr to, int mark, int table) {

    /** A rule that does not look at marks. */
    public RuleEntry(int priority, Cidr from, Cidr to, int table) {
        this(priority, from, to, 0, table);
    }

    /** Packets with these mark bits go by {@code table}. */
    public static RuleEntry marked(Family family, int priority, int mark, int table) {
        Cidr everything = RouteEntry.everything(family);
        return new RuleEntry(priority, everything, everything, mark, table);
    }

    /** Packets to a pod go by the main table, where its host route is. */
    public static RuleEntry toPod(Ip pod) {
        return new RuleEntry(
                Conventions.TO_POD_PRIORITY,
                RouteEntry.everything(pod.family()),
                Cidr.single(pod),
                Conventions.MAIN_TABLE);
    }

    /** Packets to this block go the node's own way, whoever sends them. */
    public static RuleEntry byHost(Cidr to) {
        return new RuleEntry(
                Conventions.BY_HOST_PRIORITY, RouteEntry.everything(to.family()), to, Conventions.MAIN_TABLE);
    }

    /** Packets from a pod go by its ENI's table. */
    public static RuleEntry fromPod(Ip pod, int table) {
        return new RuleEntry(
                Conventions.FROM_POD_PRIORITY, Cidr.single(pod), RouteEntry.everything(pod.family()), table);
    }

    /** True when it is about this address. */
    public boolean concerns(Ip ip) {
        Cidr single = Cidr.single(ip);
        return from.equals(single) || to.equals(single);
    }

    @Override
    public String toString() {
        return priority + ": from " + from + " to " + to + (mark == 0 ? "" : " mark " + mark) + " lookup " + table;
    }
}
