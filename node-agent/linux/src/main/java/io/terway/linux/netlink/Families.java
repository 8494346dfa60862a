package io.terway.linux.netlink;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;

/** AF_* numbers. */
final class Families {

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private Families() {}

    static int code(Family family) {
        return switch (family) {
            case IPV4 -> AF_INET;
            case IPV6 -> AF_INET6;
        };
    }

    /** True for the two families spoken here; multicast tables and others share the message types. */
    static boolean known(int code) {
        return code == AF_INET || code == AF_INET6;
    }

    static Family of(int code) {
        return code == AF_INET6 ? Family.IPV6 : Family.IPV4;
    }

    /** 0.0.0.0/0 or ::/0. */
    static Cidr everything(Family family) {
        return new Cidr(new Ip(family, 0, 0), 0);
    }
}
