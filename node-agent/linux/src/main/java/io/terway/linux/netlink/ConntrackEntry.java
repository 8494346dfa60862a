package io.terway.linux.netlink;

import io.terway.net.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A connection the kernel tracks.
 *
 * @param from who opened it
 * @param to whom the first packet named
 * @param translated whom it went to, after destination NAT
 * @param protocol IANA's number
 * @param fromPort 0 for protocols without ports
 * @param translatedPort likewise
 * @param mark bits that rules have set on it
 * @param identity what the kernel needs to find this very entry again
 */
public record ConntrackEntry(
        Ip from, Ip to, Ip translated, int protocol, int fromPort, int translatedPort, int mark, Identity identity) {

    private static final int CTA_TUPLE_ORIG = 1;
    private static final int CTA_TUPLE_REPLY = 2;
    private static final int CTA_HELP = 5;
    private static final int CTA_MARK = 8;
    private static final int CTA_ID = 12;
    private static final int CTA_ZONE = 18;
    private static final int CTA_TUPLE_IP = 1;
    private static final int CTA_TUPLE_PROTO = 2;
    private static final int CTA_TUPLE_ZONE = 3;
    private static final int CTA_PROTO_NUM = 1;
    private static final int CTA_PROTO_SRC_PORT = 2;
    private static final int CTA_PROTO_DST_PORT = 3;
    private static final int CTA_SYNPROXY = 24;
    private static final int CTA_SYNPROXY_ISN = 1;
    private static final int CTA_SYNPROXY_TSOFF = 3;

    /** Attributes as the kernel sent them. */
    record Identity(byte[] bytes, int family) {}

    /** Reads a message's body; null when it is of a kind that has no addresses. */
    static ConntrackEntry decode(ByteBuffer body) {
        int family = body.get(body.position()) & 255;
        body.position(body.position() + Conntrack.NFGENMSG);
        Attributes all = Attributes.of(body);
        Attributes original = all.nested(CTA_TUPLE_ORIG);
        Attributes reply = all.nested(CTA_TUPLE_REPLY);
        Optional<Ip> from = address(original, true);
        Optional<Ip> to = address(original, false);
        Optional<Ip> translated = address(reply, true);
        if (from.isEmpty() || to.isEmpty() || translated.isEmpty()) {
            return null;
        }
        Attributes ports = original.nested(CTA_TUPLE_PROTO);
        return new ConntrackEntry(
                from.get(),
                to.get(),
                translated.get(),
                ports.u8(CTA_PROTO_NUM, 0),
                port(ports, CTA_PROTO_SRC_PORT),
                port(reply.nested(CTA_TUPLE_PROTO), CTA_PROTO_SRC_PORT),
                mark(all.raw(CTA_MARK)),
                new Identity(identity(all), family));
    }

    /** True when both directions bear the same addresses and ports, whoever would have changed them: NAT, IPVS. */
    static boolean isMirrored(Attributes all) {
        Attributes original = all.nested(CTA_TUPLE_ORIG);
        Attributes reply = all.nested(CTA_TUPLE_REPLY);
        Attributes there = original.nested(CTA_TUPLE_PROTO);
        Attributes back = reply.nested(CTA_TUPLE_PROTO);
        return address(original, true).equals(address(reply, false))
                && address(original, false).equals(address(reply, true))
                && port(there, CTA_PROTO_SRC_PORT) == port(back, CTA_PROTO_DST_PORT)
                && port(there, CTA_PROTO_DST_PORT) == port(back, CTA_PROTO_SRC_PORT)
                && !all.has(CTA_ZONE)
                && !original.has(CTA_TUPLE_ZONE)
                && !reply.has(CTA_TUPLE_ZONE);
    }

    /** True when the kernel reads along (helpers) or answers for an end (synproxy). */
    static boolean isMinded(Attributes all) {
        Attributes synproxy = all.nested(CTA_SYNPROXY);
        return all.has(CTA_HELP) || synproxy.u32(CTA_SYNPROXY_ISN, 0) != 0 || synproxy.u32(CTA_SYNPROXY_TSOFF, 0) != 0;
    }

    private static int port(Attributes protocol, int type) {
        ByteBuffer raw = protocol.raw(type);
        return raw != null && raw.remaining() == 2
                ? Short.toUnsignedInt(
                        raw.duplicate().order(ByteOrder.BIG_ENDIAN).getShort(0))
                : 0;
    }

    private static int mark(ByteBuffer raw) {
        return raw != null && raw.remaining() == Integer.BYTES
                ? raw.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(raw.position())
                : 0;
    }

    /** CTA_IP_V4_SRC and _DST are 1 and 2, CTA_IP_V6_SRC and _DST 3 and 4. */
    private static Optional<Ip> address(Attributes tuple, boolean source) {
        Attributes ip = tuple.nested(CTA_TUPLE_IP);
        return ip.ip(source ? 1 : 2).or(() -> ip.ip(source ? 3 : 4));
    }

    private static byte[] identity(Attributes all) {
        NlWriter out = new NlWriter();
        for (int type : new int[] {CTA_TUPLE_ORIG, CTA_ID, CTA_ZONE}) {
            ByteBuffer value = all.raw(type);
            if (value != null) {
                byte[] bytes = new byte[value.remaining()];
                value.get(0, bytes);
                if (type == CTA_TUPLE_ORIG) {
                    out.nested(type, bytes);
                } else {
                    out.attribute(type, bytes);
                }
            }
        }
        return out.bytes();
    }
}
