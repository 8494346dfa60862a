package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;

/**
 * A route of ours.
 *
 * @param gateway always taken to be on the link; null when the destination itself is
 * @param link empty for a destination that is refused as unreachable
 * @param source of what the node or pod itself sends there; null to let the kernel choose
 * @param mtu of the route in bytes; 0: the link's
 */
public record RouteEntry(Cidr destination, Ip gateway, String link, int table, Ip source, int mtu) {

    /** A route with neither source nor MTU of its own. */
    public RouteEntry(Cidr destination, Ip gateway, String link, int table) {
        this(destination, gateway, link, table, null, 0);
    }

    /** Nobody is there, and the packet must not go where the default route leads. */
    public static RouteEntry unreachable(Cidr destination, int table) {
        return new RouteEntry(destination, null, "", table);
    }

    /** The same with a source. */
    public RouteEntry from(Ip source) {
        return new RouteEntry(destination, gateway, link, table, source, mtu);
    }

    /** The same with an MTU of its own. */
    public RouteEntry mtu(int mtu) {
        return new RouteEntry(destination, gateway, link, table, source, mtu);
    }

    public boolean isUnreachable() {
        return link.isEmpty();
    }

    /** A route to what is on the link itself. */
    public static RouteEntry direct(Cidr destination, String link, int table) {
        return new RouteEntry(destination, null, link, table);
    }

    /** The default route. */
    public static RouteEntry defaultVia(Ip gateway, String link, int table) {
        return new RouteEntry(everything(gateway.family()), gateway, link, table);
    }

    /** True when the kernel holds at most one of the two, because one replaces the other. */
    public boolean replaces(RouteEntry other) {
        return table == other.table && destination.equals(other.destination);
    }

    static Cidr everything(Family family) {
        return new Cidr(new Ip(family, 0, 0), 0);
    }

    @Override
    public String toString() {
        String to = destination.prefixLength() == 0 ? "default" : destination.toString();
        return (isUnreachable() ? "unreachable " : "")
                + to
                + (gateway == null ? "" : " via " + gateway + " onlink")
                + (isUnreachable() ? "" : " dev " + link)
                + " table "
                + table
                + (source == null ? "" : " src " + source)
                + (mtu == 0 ? "" : " mtu " + mtu);
    }
}
