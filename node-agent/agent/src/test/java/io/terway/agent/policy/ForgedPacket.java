package io.terway.agent.policy;

import io.terway.linux.netns.Lab;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;

/** A UDP packet whose sender writes its headers itself, as a process with NET_RAW may. */
record ForgedPacket(Ip from, Ip to, int port, byte mark) {

    private static final int UDP = 17;
    private static final int HEADER = 8;
    private static final int LENGTH = HEADER + 1;

    void sendFrom(Path netns) {
        String address = HexFormat.of().formatHex(to.bytes());
        String send = to.family() == Family.IPV4
                ? "socket(S,AF_INET,SOCK_RAW,255) or die $!; send(S,$p,0,pack_sockaddr_in(0,pack('H*','" + address
                        + "'))) or die $!"
                : "socket(S,AF_INET6,SOCK_RAW,255) or die $!; send(S,$p,0,pack_sockaddr_in6(0,pack('H*','" + address
                        + "'))) or die $!";
        String script = "use Socket qw(:DEFAULT pack_sockaddr_in6); my $p=pack('H*','"
                + HexFormat.of().formatHex(bytes()) + "'); " + send + "; print 'sent'";
        String output = Lab.output(netns, "perl", "-e", script);
        // Refused: a table in the sender's own namespace drops it under its hands.
        if (!output.equals("sent") && !output.startsWith("Operation not permitted")) {
            throw new AssertionError(output);
        }
    }

    /** As {@link #sendFrom}, past the sender's IP stack: as a frame to this MAC by a packet socket. */
    void sendAsFrame(Path netns, String mac, boolean pastTheQueue) {
        String frame = mac.replace(":", "") + "020000000001" + (to.family() == Family.IPV4 ? "0800" : "86dd")
                + HexFormat.of().formatHex(bytes());
        String link = PacketLab.script(netns, "ip -o link show eth0 2>&- | sed 's/:.*//'")
                .strip();
        // AF_PACKET, SOCK_RAW; SOL_PACKET, PACKET_QDISC_BYPASS; it says that it sends ARP.
        String script = "socket(S,17,3,0) or die $!; setsockopt(S,263,20,pack('i'," + (pastTheQueue ? 1 : 0)
                + ")) or die $!; send(S,pack('H*','" + frame + "'),0,pack('SniSCCa8',17,0x0806," + link
                + ",0,0,6,'')) or die $!; print 'sent'";
        String output = Lab.output(netns, "perl", "-e", script);
        // Refused: the link's own table drops it under the sender's hands.
        if (!output.equals("sent") && !output.startsWith("No buffer space available")) {
            throw new AssertionError(script + ": " + output);
        }
    }

    private byte[] bytes() {
        byte[] udp = udp();
        ByteBuffer out = ByteBuffer.allocate((to.family() == Family.IPV4 ? 20 : 40) + LENGTH);
        switch (to.family()) {
            case IPV4 ->
                out.putShort((short) 0x4500)
                        .putShort((short) (20 + LENGTH))
                        .putInt(0)
                        .put((byte) 64)
                        .put((byte) UDP)
                        .putShort(headerSum());
            case IPV6 ->
                out.putInt(0x6000_0000).putShort((short) LENGTH).put((byte) UDP).put((byte) 64);
        }
        return out.put(from.bytes()).put(to.bytes()).put(udp).array();
    }

    /** Of the IPv4 header as {@link #bytes} writes it. */
    private short headerSum() {
        ByteBuffer header = ByteBuffer.allocate(20)
                .putShort((short) 0x4500)
                .putShort((short) (20 + LENGTH))
                .putInt(0)
                .put((byte) 64)
                .put((byte) UDP)
                .putShort((short) 0)
                .put(from.bytes())
                .put(to.bytes());
        return sum(header.array());
    }

    private static short sum(byte[] words) {
        ByteBuffer in = ByteBuffer.wrap(words);
        long sum = 0;
        for (int i = 0; i < in.capacity(); i += 2) {
            sum += in.getShort(i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~sum;
    }

    private byte[] udp() {
        ByteBuffer pseudo = ByteBuffer.allocate(from.bytes().length * 2 + 4 + LENGTH + 1);
        pseudo.put(from.bytes()).put(to.bytes()).putShort((short) UDP).putShort((short) LENGTH);
        int start = pseudo.position();
        pseudo.putShort((short) port).putShort((short) port).putShort((short) LENGTH);
        int sumAt = pseudo.position();
        pseudo.putShort((short) 0).put(mark);
        pseudo.putShort(sumAt, sum(pseudo.array()));
        byte[] udp = new byte[LENGTH];
        pseudo.get(start, udp);
        return udp;
    }
}
