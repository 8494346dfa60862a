package io.terway.linux.netlink;

import io.terway.net.Mac;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A change of one link, made of steps, sent as one message. The kernel applies name, alias, group, MTU and MAC before it
 * switches the link up or down; older kernels rename only links that are down, so send the down first, in the same batch.
 */
public final class LinkChange {

    private static final int IFF_UP = 1;

    private final int ifindex;
    private final List<String> words = new ArrayList<>();
    private final List<Consumer<NlWriter>> attributes = new ArrayList<>();
    private int flags;
    private int change;

    private LinkChange(int ifindex) {
        this.ifindex = ifindex;
    }

    /** A change of the link with this index; nothing yet. */
    public static LinkChange of(int ifindex) {
        if (ifindex <= 0) {
            throw new IllegalArgumentException("ifindex " + ifindex + " names no link");
        }
        return new LinkChange(ifindex);
    }

    public LinkChange up() {
        return flags("up", IFF_UP);
    }

    public LinkChange down() {
        return flags("down", 0);
    }

    public LinkChange name(String name) {
        Links.requireName(name);
        return with("name " + name, out -> out.string(Links.IFLA_IFNAME, name));
    }

    /** Free text of at most 255 bytes; empty removes it. */
    public LinkChange alias(String alias) {
        return with("alias '" + alias + "'", out -> out.attribute(Links.IFLA_IFALIAS, Texts.utf8(alias, 255)));
    }

    public LinkChange group(int group) {
        return with("group " + group, out -> out.u32(Links.IFLA_GROUP, group));
    }

    public LinkChange mtu(int mtu) {
        return with("mtu " + mtu, out -> out.u32(Links.IFLA_MTU, mtu));
    }

    public LinkChange mac(Mac mac) {
        return with("address " + mac, out -> out.mac(Links.IFLA_ADDRESS, mac));
    }

    /** Enslaves it to a bridge; 0 releases it. */
    public LinkChange master(int bridgeIndex) {
        return with("master " + bridgeIndex, out -> out.u32(Links.IFLA_MASTER, bridgeIndex));
    }

    /** Moves it into the namespace of this descriptor; it loses addresses and routes and gets an index there. */
    public LinkChange netns(int fd) {
        return with("into another netns", out -> out.u32(Links.IFLA_NET_NS_FD, fd));
    }

    public Request request() {
        NlWriter out = Links.header(new NlWriter(), ifindex, flags, change);
        attributes.forEach(a -> a.accept(out));
        return new Request("set link " + ifindex + " " + String.join(" ", words), Links.RTM_NEWLINK, 0, out.bytes());
    }

    private LinkChange flags(String word, int value) {
        flags = value;
        change = IFF_UP;
        words.add(word);
        return this;
    }

    private LinkChange with(String word, Consumer<NlWriter> attribute) {
        words.add(word);
        attributes.add(attribute);
        return this;
    }
}
