package io.terway.node.policy;

import io.terway.net.Family;

/** Names in our table. Chosen so that none is a keyword of nft. */
final class SetNames {

    private SetNames() {}

    /** Addresses of the pods that are judged in some direction. */
    static String bound(Family family) {
        return "bound" + digit(family);
    }

    /** Each of those addresses paired with itself. */
    static String self(Family family) {
        return "self" + digit(family);
    }

    /** Links and the sources that may come by them. */
    static String known(Family family) {
        return "known" + digit(family);
    }

    /** All addresses of the pod whose table it is. */
    static String own(Family family) {
        return "own" + digit(family);
    }

    /** From a pod's address to what judges it. */
    static String verdicts(Direction direction, Family family) {
        return direction.word() + digit(family);
    }

    static String program(String id) {
        return "p_" + id;
    }

    /** The part of a program after its admin tier, where a rule passes on to. */
    static String afterAdmin(String id) {
        return "n_" + id;
    }

    /** From a pod's address to the chain that finds connections for the HTTP proxy. */
    static String requests(Direction direction, Family family) {
        return "requests_" + direction.word() + digit(family);
    }

    /** Chain that finds connections for the HTTP proxy. */
    static String requests(String id) {
        return "r_" + id;
    }

    /** Its part after the admin tier. */
    static String requestsAfterAdmin(String id) {
        return "m_" + id;
    }

    static String set(String id, Family family) {
        return "s_" + id + "_" + digit(family);
    }

    static String ports(String digest) {
        return "q_" + digest;
    }

    static String addressType(Family family) {
        return switch (family) {
            case IPV4 -> "ipv4_addr";
            case IPV6 -> "ipv6_addr";
        };
    }

    /** nft's word for the family's header. */
    static String word(Family family) {
        return switch (family) {
            case IPV4 -> "ip";
            case IPV6 -> "ip6";
        };
    }

    private static String digit(Family family) {
        return switch (family) {
            case IPV4 -> "4";
            case IPV6 -> "6";
        };
    }
}
