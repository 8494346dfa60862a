package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.ByteBuffer;

/**
 * An ARP or neighbour discovery entry.
 *
 * @param mac all zero while unresolved
 * @param state NUD_* bits
 * @param flags NTF_* bits, such as proxy
 * @param protocol who made it, 0 for unknown
 */
public record Neighbour(int ifindex, Ip ip, Mac mac, int state, int flags, int protocol) {

    static final int RTM_NEWNEIGH = 28;
    static final int RTM_DELNEIGH = 29;
    static final int RTM_GETNEIGH = 30;

    /** Never expires and is never resolved again. */
    public static final int PERMANENT = 0x80;

    private static final int NTF_PROXY = 8;
    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NDA_IFINDEX = 8;
    private static final int NDA_PROTOCOL = 12;

    public static Neighbour permanent(int ifindex, Ip ip, Mac mac) {
        return new Neighbour(ifindex, ip, mac, PERMANENT, 0, 0);
    }

    /** Answers for {@code ip} on this link with the link's own MAC (needs proxy_arp or proxy_ndp there). */
    public static Neighbour proxy(int ifindex, Ip ip) {
        return new Neighbour(ifindex, ip, LinkEnd.RANDOM, PERMANENT, NTF_PROXY, 0);
    }

    public Neighbour protocol(int protocol) {
        return new Neighbour(ifindex, ip, mac, state, flags, protocol);
    }

    public boolean isPermanent() {
        return (state & PERMANENT) != 0;
    }

    /** Adds it or changes its MAC and state. */
    public Request replace() {
        return new Request("put " + this, RTM_NEWNEIGH, Request.NLM_F_CREATE | Request.NLM_F_REPLACE, encode());
    }

    /** Deletes it; gone already counts as done. */
    public Request delete() {
        return new Request("delete " + this, RTM_DELNEIGH, 0, encode()).unless(Errno.ENOENT, Errno.ENODEV);
    }

    @Override
    public String toString() {
        return "neighbour " + ip + " at " + mac + " on link " + ifindex;
    }

    static Request dump(int ifindex) {
        NlWriter out = header(0, 0, 0, 0);
        if (ifindex != 0) {
            out.u32(NDA_IFINDEX, ifindex);
        }
        return new Request("list neighbours", RTM_GETNEIGH, Request.NLM_F_DUMP, out.bytes());
    }

    static Neighbour decode(ByteBuffer in) {
        in.getInt();
        int ifindex = in.getInt();
        int state = Short.toUnsignedInt(in.getShort());
        int flags = in.get() & 255;
        in.get();
        Attributes a = Attributes.of(in);
        return new Neighbour(
                ifindex,
                a.ip(NDA_DST).orElse(Ip.ofIpv4(0)),
                a.mac(NDA_LLADDR).orElse(LinkEnd.RANDOM),
                state,
                flags,
                a.u8(NDA_PROTOCOL, 0));
    }

    private byte[] encode() {
        NlWriter out = header(Families.code(ip.family()), ifindex, state, flags).ip(NDA_DST, ip);
        if (!mac.equals(LinkEnd.RANDOM)) {
            out.mac(NDA_LLADDR, mac);
        }
        if (protocol != 0) {
            out.u8(NDA_PROTOCOL, protocol);
        }
        return out.bytes();
    }

    /** struct ndmsg. */
    private static NlWriter header(int family, int ifindex, int state, int flags) {
        return new NlWriter()
                .u8(family)
                .u8(0)
                .u16(0)
                .u32(ifindex)
                .u16(state)
                .u8(flags)
                .u8(0);
    }
}
