package io.terway.linux.netlink;

import io.terway.net.Family;

/**
 * Which routes a dump returns; the kernel filters.
 *
 * @param table 0 for every table
 * @param protocol 0 for every maker
 * @param ifindex 0 for every link
 */
public record RouteFilter(Family family, int table, int protocol, int ifindex) {

    public static RouteFilter all(Family family) {
        return new RouteFilter(family, 0, 0, 0);
    }

    public static RouteFilter table(Family family, int table) {
        return new RouteFilter(family, table, 0, 0);
    }

    public RouteFilter protocol(int protocol) {
        return new RouteFilter(family, table, protocol, ifindex);
    }

    public RouteFilter ifindex(int ifindex) {
        return new RouteFilter(family, table, protocol, ifindex);
    }

    /** The kernel takes filters as hints for some families, so what it sends is checked again. */
    boolean accepts(Route route) {
        return route.family() == family
                && (table == 0 || table == route.table())
                && (protocol == 0 || protocol == route.protocol())
                && (ifindex == 0 || ifindex == route.ifindex());
    }
}
