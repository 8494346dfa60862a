package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;

/**
 * A route of ours.
 *
 * @param gateway always taken to be on the link; null when the destination itself is
 */
public record RouteEntry(Cidr destination, Ip gateway, String link, int table) {

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
        return to + (gateway == null ? "" : " via " + gateway + " onlink") + " dev " + link + " table " + table;
    }
}
