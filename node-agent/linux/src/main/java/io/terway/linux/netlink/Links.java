package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import java.nio.charset.StandardCharsets;

/** Requests that make and delete links. {@link LinkChange} changes one. */
public final class Links {

    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;

    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINK = 5;
    static final int IFLA_MASTER = 10;
    static final int IFLA_OPERSTATE = 16;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_IFALIAS = 20;
    static final int IFLA_AF_SPEC = 26;
    static final int IFLA_GROUP = 27;
    static final int IFLA_NET_NS_FD = 28;
    static final int IFLA_EXT_MASK = 29;
    static final int IFLA_NUM_TX_QUEUES = 31;
    static final int IFLA_MAX_MTU = 51;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;

    private static final int VETH_INFO_PEER = 1;
    private static final int VLAN_ID = 1;
    private static final int IPVLAN_MODE = 1;
    private static final int IPVLAN_L2 = 0;
    private static final int RTEXT_FILTER_SKIP_STATS = 8;
    private static final int NEW = Request.NLM_F_CREATE | Request.NLM_F_EXCL | Request.NLM_F_ECHO;

    private Links() {}

    /**
     * Makes a veth pair, each end directly in its namespace. Both stay down. The reply is {@link Reply.Created} with
     * {@code own}, unless {@code own} is made in another namespace or the kernel is older than 6.2.
     */
    public static Request veth(LinkEnd own, LinkEnd peer) {
        NlWriter out = header(new NlWriter(), 0, 0, 0);
        own.write(out);
        int info = out.begin(IFLA_LINKINFO);
        out.string(IFLA_INFO_KIND, "veth");
        int data = out.begin(IFLA_INFO_DATA);
        int other = out.begin(VETH_INFO_PEER);
        header(out, 0, 0, 0);
        peer.write(out);
        out.end(other).end(data).end(info);
        return new Request("make veth " + own.name() + " to " + peer.name(), RTM_NEWLINK, NEW, out.bytes())
                .making(own.netnsFd() == LinkEnd.HERE ? own.name() : "");
    }

    /** Makes a link that gives back what is led through its queue. It stays down. */
    public static Request ifb(LinkEnd end) {
        NlWriter out = header(new NlWriter(), 0, 0, 0);
        end.write(out);
        int info = out.begin(IFLA_LINKINFO);
        out.string(IFLA_INFO_KIND, "ifb").end(info);
        return new Request("make ifb " + end.name(), RTM_NEWLINK, NEW, out.bytes()).making(end.name());
    }

    /** Makes a VLAN of a link of the socket's namespace; it may be made in another one. */
    public static Request vlan(int parent, int id, LinkEnd end) {
        NlWriter out = header(new NlWriter(), 0, 0, 0);
        end.write(out);
        out.u32(IFLA_LINK, parent);
        int info = out.begin(IFLA_LINKINFO);
        out.string(IFLA_INFO_KIND, "vlan");
        int data = out.begin(IFLA_INFO_DATA);
        out.u16(VLAN_ID, id).end(data).end(info);
        return new Request("make vlan " + id + " " + end.name() + " of link " + parent, RTM_NEWLINK, NEW, out.bytes());
    }

    /** Makes an IPVlan slave (L2) of a link of the socket's namespace; it may be made in another one. */
    public static Request ipvlan(int parent, LinkEnd end) {
        NlWriter out = header(new NlWriter(), 0, 0, 0);
        end.write(out);
        out.u32(IFLA_LINK, parent);
        int info = out.begin(IFLA_LINKINFO);
        out.string(IFLA_INFO_KIND, "ipvlan");
        int data = out.begin(IFLA_INFO_DATA);
        out.u16(IPVLAN_MODE, IPVLAN_L2).end(data).end(info);
        return new Request("make ipvlan " + end.name() + " of link " + parent, RTM_NEWLINK, NEW, out.bytes());
    }

    /** Makes a device that needs no parameters: {@code bridge}, {@code dummy}, {@code ifb}. */
    public static Request device(String kind, LinkEnd end) {
        NlWriter out = header(new NlWriter(), 0, 0, 0);
        end.write(out);
        int info = out.begin(IFLA_LINKINFO);
        out.string(IFLA_INFO_KIND, kind).end(info);
        return new Request("make " + kind + " " + end.name(), RTM_NEWLINK, NEW, out.bytes())
                .making(end.netnsFd() == LinkEnd.HERE ? end.name() : "");
    }

    /** Deletes by index; deletion of a veth takes its peer along. Gone already counts as done. */
    public static Request delete(int ifindex) {
        if (ifindex <= 0) {
            throw new IllegalArgumentException("ifindex " + ifindex + " names no link");
        }
        return new Request(
                        "delete link " + ifindex,
                        RTM_DELLINK,
                        0,
                        header(new NlWriter(), ifindex, 0, 0).bytes())
                .unless(Errno.ENODEV);
    }

    /** Deletes every link of a group at once, which shares one grace period; an empty group counts as done. */
    public static Request deleteGroup(int group) {
        if (group == 0) {
            throw new IllegalArgumentException("group 0 is every link's default");
        }
        byte[] body = header(new NlWriter(), 0, 0, 0).u32(IFLA_GROUP, group).bytes();
        return new Request("delete links of group " + group, RTM_DELLINK, 0, body).unless(Errno.ENODEV);
    }

    static Request get(String name) {
        byte[] body = header(new NlWriter(), 0, 0, 0)
                .u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .string(IFLA_IFNAME, name)
                .bytes();
        return new Request("get link " + name, RTM_GETLINK, 0, body);
    }

    static Request get(int ifindex) {
        byte[] body = header(new NlWriter(), ifindex, 0, 0)
                .u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .bytes();
        return new Request("get link " + ifindex, RTM_GETLINK, 0, body);
    }

    static Request dump() {
        byte[] body = header(new NlWriter(), 0, 0, 0)
                .u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .bytes();
        return new Request("list links", RTM_GETLINK, Request.NLM_F_DUMP, body);
    }

    /** struct ifinfomsg. */
    static NlWriter header(NlWriter out, int ifindex, int flags, int change) {
        return out.u8(0).u8(0).u16(0).u32(ifindex).u32(flags).u32(change);
    }

    static void requireName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > 15) {
            throw new IllegalArgumentException("link name '" + name + "' has " + length + " bytes, allowed are 1..15");
        }
    }
}
