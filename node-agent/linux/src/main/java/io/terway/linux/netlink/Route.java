package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.ByteBuffer;

/**
 * A route. Start with {@link #to} or {@link #defaultRoute} and refine; the components that may be absent are null.
 *
 * @param destination {@code 0.0.0.0/0} or {@code ::/0} for the default route
 * @param gateway null when the destination is on the link
 * @param ifindex 0 for none (blackhole, unreachable)
 * @param table 254 is main
 * @param protocol who made it (rtm_protocol); 3 is boot, 4 static
 * @param scope RT_SCOPE_*: 0 universe, 253 link, 254 host
 * @param type RTN_*: 1 unicast, 2 local, 6 blackhole, 7 unreachable
 * @param onlink the gateway need not be covered by another route
 * @param source preferred source address or null
 * @param metric lower wins, 0 for the kernel's default
 * @param advmss advertised MSS in bytes, 0 for none
 * @param mtu of this route in bytes, 0 for the link's
 */
public record Route(
        Cidr destination,
        Ip gateway,
        int ifindex,
        int table,
        int protocol,
        int scope,
        int type,
        boolean onlink,
        Ip source,
        int metric,
        int advmss,
        int mtu) {

    public static final int MAIN = 254;
    public static final int SCOPE_LINK = 253;
    public static final int BOOT = 3;
    public static final int UNICAST = 1;
    public static final int BLACKHOLE = 6;
    public static final int UNREACHABLE = 7;

    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_GETROUTE = 26;

    private static final int RTNH_F_ONLINK = 4;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_METRICS = 8;
    private static final int RTA_TABLE = 15;
    private static final int RTAX_MTU = 2;
    private static final int RTAX_ADVMSS = 8;

    /** A route through a link, in the main table; link scope until it gets a gateway. */
    public static Route to(Cidr destination, int ifindex) {
        int scope = destination.family() == Family.IPV4 ? SCOPE_LINK : 0;
        return new Route(destination, null, ifindex, MAIN, BOOT, scope, UNICAST, false, null, 0, 0, 0);
    }

    /** The family's default route through a link. */
    public static Route defaultRoute(Family family, int ifindex) {
        return to(Families.everything(family), ifindex);
    }

    /** A route that drops ({@link #BLACKHOLE}) or refuses ({@link #UNREACHABLE}). */
    public static Route refusing(Cidr destination, int type) {
        return new Route(destination, null, 0, MAIN, BOOT, 0, type, false, null, 0, 0, 0);
    }

    public Route via(Ip gateway) {
        return new Route(destination, gateway, ifindex, table, protocol, 0, type, onlink, source, metric, advmss, mtu);
    }

    /** As {@link #via}; the gateway is taken to be on the link whatever the addresses say. */
    public Route viaOnlink(Ip gateway) {
        return new Route(destination, gateway, ifindex, table, protocol, 0, type, true, source, metric, advmss, mtu);
    }

    public Route table(int table) {
        return new Route(
                destination, gateway, ifindex, table, protocol, scope, type, onlink, source, metric, advmss, mtu);
    }

    public Route protocol(int protocol) {
        return new Route(
                destination, gateway, ifindex, table, protocol, scope, type, onlink, source, metric, advmss, mtu);
    }

    public Route scope(int scope) {
        return new Route(
                destination, gateway, ifindex, table, protocol, scope, type, onlink, source, metric, advmss, mtu);
    }

    public Route source(Ip source) {
        return new Route(
                destination, gateway, ifindex, table, protocol, scope, type, onlink, source, metric, advmss, mtu);
    }

    public Route metric(int metric) {
        return new Route(
                destination, gateway, ifindex, table, protocol, scope, type, onlink, source, metric, advmss, mtu);
    }

    public Route advmss(int advmss) {
        return new Route(
                destination, gateway, ifindex, table, protocol, scope, type, onlink, source, metric, advmss, mtu);
    }

    public Route mtu(int mtu) {
        return new Route(
                destination, gateway, ifindex, table, protocol, scope, type, onlink, source, metric, advmss, mtu);
    }

    /** Adds it; EEXIST (a route of this destination, table and metric) is a refusal. */
    public Request add() {
        return new Request("add " + this, RTM_NEWROUTE, Request.NLM_F_CREATE | Request.NLM_F_EXCL, encode());
    }

    /** Adds it or replaces the route of the same destination, table and metric. */
    public Request replace() {
        return new Request("put " + this, RTM_NEWROUTE, Request.NLM_F_CREATE | Request.NLM_F_REPLACE, encode());
    }

    /** Deletes the route that agrees in all given components; gone already counts as done. */
    public Request delete() {
        return new Request("delete " + this, RTM_DELROUTE, 0, encode()).unless(Errno.ESRCH, Errno.ENODEV);
    }

    public Family family() {
        return destination.family();
    }

    @Override
    public String toString() {
        return "route " + destination + (gateway == null ? "" : " via " + gateway) + " dev " + ifindex + " table "
                + table;
    }

    static Request dump(RouteFilter filter) {
        NlWriter out = new NlWriter()
                .u8(Families.code(filter.family()))
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(filter.protocol())
                .u8(0)
                .u8(0)
                .u32(0);
        if (filter.table() != 0) {
            out.u32(RTA_TABLE, filter.table());
        }
        if (filter.ifindex() != 0) {
            out.u32(RTA_OIF, filter.ifindex());
        }
        return new Request("list routes", RTM_GETROUTE, Request.NLM_F_DUMP, out.bytes());
    }

    /** Null for what is no route of ours to see: other families, cache entries. */
    static Route decode(ByteBuffer in) {
        int family = in.get() & 255;
        int length = in.get() & 255;
        in.getShort();
        int shortTable = in.get() & 255;
        int protocol = in.get() & 255;
        int scope = in.get() & 255;
        int type = in.get() & 255;
        int flags = in.getInt();
        if (!Families.known(family) || (flags & RTM_F_CLONED) != 0) {
            return null;
        }
        Attributes a = Attributes.of(in);
        Cidr everything = Families.everything(Families.of(family));
        return new Route(
                a.ip(RTA_DST).map(ip -> Cidr.containing(ip, length)).orElse(everything),
                a.ip(RTA_GATEWAY).orElse(null),
                a.u32(RTA_OIF, 0),
                a.u32(RTA_TABLE, shortTable),
                protocol,
                scope,
                type,
                (flags & RTNH_F_ONLINK) != 0,
                a.ip(RTA_PREFSRC).orElse(null),
                a.u32(RTA_PRIORITY, 0),
                a.nested(RTA_METRICS).u32(RTAX_ADVMSS, 0),
                a.nested(RTA_METRICS).u32(RTAX_MTU, 0));
    }

    private byte[] encode() {
        // struct rtmsg
        NlWriter out = new NlWriter()
                .u8(Families.code(family()))
                .u8(destination.prefixLength())
                .u8(0)
                .u8(0)
                .u8(table < 256 ? table : 0)
                .u8(protocol)
                .u8(scope)
                .u8(type)
                .u32(onlink ? RTNH_F_ONLINK : 0);
        if (destination.prefixLength() > 0) {
            out.ip(RTA_DST, destination.network());
        }
        if (gateway != null) {
            out.ip(RTA_GATEWAY, gateway);
        }
        if (ifindex != 0) {
            out.u32(RTA_OIF, ifindex);
        }
        if (source != null) {
            out.ip(RTA_PREFSRC, source);
        }
        if (metric != 0) {
            out.u32(RTA_PRIORITY, metric);
        }
        out.u32(RTA_TABLE, table);
        if (advmss != 0 || mtu != 0) {
            int metrics = out.begin(RTA_METRICS);
            if (mtu != 0) {
                out.u32(RTAX_MTU, mtu);
            }
            if (advmss != 0) {
                out.u32(RTAX_ADVMSS, advmss);
            }
            out.end(metrics);
        }
        return out.bytes();
    }
}
