package io.terway.linux.netlink;

import io.terway.net.Ip;
import java.nio.ByteBuffer;

/**
 * Where the kernel would send a packet that came in by some link.
 *
 * @param type RTN_*: {@link Route#UNICAST} when it goes on
 * @param ifindex the link it leaves by
 * @param mtu of the route, or learned about this destination; 0: the link's
 */
public record Way(int type, int ifindex, int mtu) {

    private static final int RTA_DST = 1;
    private static final int RTA_SRC = 2;
    private static final int RTA_IIF = 3;
    private static final int RTA_OIF = 4;
    private static final int RTA_METRICS = 8;
    private static final int RTAX_MTU = 2;

    /** True when it goes on by this link. */
    public boolean leadsTo(int link) {
        return type == Route.UNICAST && ifindex == link;
    }

    static Request get(Ip from, Ip to, int link) {
        // struct rtmsg
        NlWriter out = new NlWriter()
                .u8(Families.code(to.family()))
                .u8(to.family().bits())
                .u8(from.family().bits())
                .u8(0)
                .u32(0)
                .u32(0)
                .ip(RTA_DST, to)
                .ip(RTA_SRC, from)
                .u32(RTA_IIF, link);
        return new Request(
                "ask for the way from " + from + " to " + to + " by link " + link, Route.RTM_GETROUTE, 0, out.bytes());
    }

    static Way decode(ByteBuffer in) {
        in.position(7);
        int type = in.get() & 255;
        in.getInt();
        Attributes a = Attributes.of(in);
        return new Way(type, a.u32(RTA_OIF, 0), a.nested(RTA_METRICS).u32(RTAX_MTU, 0));
    }
}
