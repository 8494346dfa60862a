package io.terway.linux.netlink;

import io.terway.net.Mac;
import java.nio.ByteBuffer;

/**
 * A network device as the kernel reports it.
 *
 * @param index unique in its namespace
 * @param kind such as {@code veth}, empty for hardware and loopback
 * @param mac all zero when it has none
 * @param mtu in bytes
 * @param maxMtu the largest it can be given, 0 when the kernel does not tell
 * @param queues of its hardware, for sending
 * @param flags IFF_* bits
 * @param alias free text, empty for none
 * @param group device group, 0 by default
 * @param master index of its bridge, 0 for none
 * @param peer index of the veth's other end in the other end's namespace, 0 for none
 * @param config its sysctls at the time of the message
 */
public record Link(
        int index,
        String name,
        String kind,
        Mac mac,
        int mtu,
        int maxMtu,
        int queues,
        int flags,
        String alias,
        int group,
        int master,
        int peer,
        LinkConfig config) {

    private static final int IFF_UP = 1;
    private static final int IFF_LOOPBACK = 8;
    private static final int IFF_RUNNING = 0x40;

    /** Administratively up. */
    public boolean up() {
        return (flags & IFF_UP) != 0;
    }

    /** Up with carrier. */
    public boolean running() {
        return (flags & IFF_RUNNING) != 0;
    }

    public boolean loopback() {
        return (flags & IFF_LOOPBACK) != 0;
    }

    static Link decode(ByteBuffer in) {
        in.getInt();
        int index = in.getInt();
        int flags = in.getInt();
        in.getInt();
        Attributes a = Attributes.of(in);
        return new Link(
                index,
                a.string(Links.IFLA_IFNAME),
                a.nested(Links.IFLA_LINKINFO).string(Links.IFLA_INFO_KIND),
                a.mac(Links.IFLA_ADDRESS).orElse(LinkEnd.RANDOM),
                a.u32(Links.IFLA_MTU, 0),
                a.u32(Links.IFLA_MAX_MTU, 0),
                a.u32(Links.IFLA_NUM_TX_QUEUES, 1),
                flags,
                a.string(Links.IFLA_IFALIAS),
                a.u32(Links.IFLA_GROUP, 0),
                a.u32(Links.IFLA_MASTER, 0),
                a.u32(Links.IFLA_LINK, 0),
                LinkConfig.decode(a.nested(Links.IFLA_AF_SPEC)));
    }
}
