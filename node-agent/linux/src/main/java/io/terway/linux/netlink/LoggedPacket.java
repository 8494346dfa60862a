package io.terway.linux.netlink;

import io.terway.net.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A packet that nftables logged.
 *
 * @param prefix the rule's words
 * @param in index of the link it came by; 0 when it came by none
 * @param protocol IANA's number; of an IPv6 packet with extension headers the first of them
 * @param fromPort 0 for protocols without ports
 * @param toPort likewise
 */
public record LoggedPacket(String prefix, int in, Ip from, Ip to, int protocol, int fromPort, int toPort) {

    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int SCTP = 132;
    private static final int IPV6_HEADER = 40;

    /** Reads the headers; empty when they are cut off or no IP. */
    static Optional<LoggedPacket> of(String prefix, int in, ByteBuffer packetOrNull) {
        if (packetOrNull == null || packetOrNull.remaining() < 20) {
            return Optional.empty();
        }
        ByteBuffer packet = packetOrNull.duplicate().order(ByteOrder.BIG_ENDIAN);
        int version = packet.get(0) >>> 4 & 15;
        if (version == 4) {
            return Optional.of(read(prefix, in, packet, 12, 4, packet.get(9) & 255, 4 * (packet.get(0) & 15)));
        }
        if (version == 6 && packet.limit() >= IPV6_HEADER) {
            return Optional.of(read(prefix, in, packet, 8, 16, packet.get(6) & 255, IPV6_HEADER));
        }
        return Optional.empty();
    }

    private static LoggedPacket read(
            String prefix, int in, ByteBuffer packet, int addresses, int size, int protocol, int transport) {
        byte[] from = new byte[size];
        byte[] to = new byte[size];
        packet.get(addresses, from).get(addresses + size, to);
        boolean ports = (protocol == TCP || protocol == UDP || protocol == SCTP) && packet.limit() >= transport + 4;
        return new LoggedPacket(
                prefix,
                in,
                Ip.of(from),
                Ip.of(to),
                protocol,
                ports ? Short.toUnsignedInt(packet.getShort(transport)) : 0,
                ports ? Short.toUnsignedInt(packet.getShort(transport + 2)) : 0);
    }
}
