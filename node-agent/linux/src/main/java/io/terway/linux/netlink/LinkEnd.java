package io.terway.linux.netlink;

import io.terway.net.Mac;
import java.util.Objects;

/**
 * A link to be made: one end of a veth pair, or a single device.
 *
 * @param name at most 15 bytes
 * @param netnsFd descriptor of the namespace it is made in, or {@link #HERE}
 * @param mac its address, or {@link #RANDOM} to let the kernel choose; a chosen one is never rewritten by udev
 * @param mtu in bytes, or 0 for the driver's default
 * @param group device group, 0 for the default
 */
public record LinkEnd(String name, int netnsFd, Mac mac, int mtu, int group) {

    /** The namespace of the socket that makes the link. */
    public static final int HERE = -1;

    /** Let the kernel choose the address. */
    public static final Mac RANDOM = new Mac(0);

    public LinkEnd {
        Objects.requireNonNull(mac, "mac");
        Links.requireName(name);
    }

    /** A link of this name with the kernel's defaults, in the socket's namespace. */
    public static LinkEnd named(String name) {
        return new LinkEnd(name, HERE, RANDOM, 0, 0);
    }

    public LinkEnd in(int netnsFd) {
        return new LinkEnd(name, netnsFd, mac, mtu, group);
    }

    public LinkEnd mac(Mac mac) {
        return new LinkEnd(name, netnsFd, mac, mtu, group);
    }

    public LinkEnd mtu(int mtu) {
        return new LinkEnd(name, netnsFd, mac, mtu, group);
    }

    public LinkEnd group(int group) {
        return new LinkEnd(name, netnsFd, mac, mtu, group);
    }

    /** Its attributes. An alias is no part: the kernel takes it only from a change of an existing link. */
    void write(NlWriter out) {
        out.string(Links.IFLA_IFNAME, name);
        if (!mac.equals(RANDOM)) {
            out.mac(Links.IFLA_ADDRESS, mac);
        }
        if (mtu != 0) {
            out.u32(Links.IFLA_MTU, mtu);
        }
        if (group != 0) {
            out.u32(Links.IFLA_GROUP, group);
        }
        if (netnsFd != HERE) {
            out.u32(Links.IFLA_NET_NS_FD, netnsFd);
        }
    }
}
