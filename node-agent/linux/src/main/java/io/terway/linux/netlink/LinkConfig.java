package io.terway.linux.netlink;

import io.terway.net.Family;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A link's own sysctls as they come along with every link message, at no extra system call: the values under
 * {@code net/ipv4/conf/NAME/} and {@code net/ipv6/conf/NAME/}.
 */
public final class LinkConfig {

    private static final int AF_SPEC_CONF_IPV4 = 1;
    private static final int AF_SPEC_CONF_IPV6 = 2;

    /** enum in linux/ip.h, counted from 1 there. */
    private static final Map<String, Integer> IPV4 =
            Map.of("forwarding", 0, "proxy_arp", 2, "send_redirects", 5, "rp_filter", 7);

    /** enum in linux/ipv6.h. */
    private static final Map<String, Integer> IPV6 =
            Map.of("forwarding", 0, "accept_ra", 3, "proxy_ndp", 22, "disable_ipv6", 26, "accept_dad", 27);

    private final ByteBuffer ipv4;
    private final ByteBuffer ipv6;

    private LinkConfig(ByteBuffer ipv4, ByteBuffer ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** From the link's IFLA_AF_SPEC. */
    static LinkConfig decode(Attributes afSpec) {
        return new LinkConfig(
                afSpec.nested(Families.AF_INET).raw(AF_SPEC_CONF_IPV4),
                afSpec.nested(Families.AF_INET6).raw(AF_SPEC_CONF_IPV6));
    }

    /** The value; empty when the kernel did not tell it or the name is not among those known here. */
    public OptionalInt value(Family family, String name) {
        return switch (family) {
            case IPV4 -> at(ipv4, IPV4.get(name));
            case IPV6 -> at(ipv6, IPV6.get(name));
        };
    }

    private static OptionalInt at(ByteBuffer values, Integer index) {
        return values == null || index == null || values.limit() < 4 * index + 4
                ? OptionalInt.empty()
                : OptionalInt.of(values.getInt(4 * index));
    }
}
