package io.terway.e2e.policy;

import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;

/**
 * The first packet of SCTP associations, written by hand: kernels without SCTP sockets track and judge it all the same.
 * Each carries a number.
 */
final class SctpPackets implements AutoCloseable {

    private static final int SCTP = 132;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int HEADER = 12;
    private static final int INIT_BYTES = 20;

    private static final String SEND = """
            use Socket qw(:DEFAULT pack_sockaddr_in6);
            my $six = shift;
            sub at { $six ? pack_sockaddr_in6(0, pack('H*', $_[0])) : pack_sockaddr_in(0, pack('H*', $_[0])) }
            socket(S, $six ? AF_INET6 : AF_INET, SOCK_RAW, 132) or die $!;
            bind(S, at(shift)) or die $!;
            while (@ARGV) { my $to = at(shift); send(S, pack('H*', shift), 0, $to) or die $!; }
            print 'sent';
            """;

    private final List<Receiver> receivers = new ArrayList<>();

    /** @param withHeader whether the kernel shows the IP header too */
    private record Receiver(int socket, boolean withHeader) {}

    /** One packet. */
    record Init(int number, Ip to, int port) {}

    /** Hears what arrives in a namespace. */
    void listen(Path netns) {
        NetnsThread.run(netns, () -> {
            for (int family : new int[] {AF_INET, AF_INET6}) {
                int type = Libc.SOCK_RAW | Libc.SOCK_CLOEXEC | SOCK_NONBLOCK;
                int socket = (int) Libc.socket(family, type, SCTP).orThrow("open a raw socket");
                receivers.add(new Receiver(socket, family == AF_INET));
            }
        });
    }

    /** Sends all of them from one address. */
    static void send(Path netns, Ip from, List<Init> packets) {
        List<String> command = new ArrayList<>(List.of("perl", "-e", SEND));
        command.add(from.family() == Family.IPV6 ? "1" : "0");
        command.add(HexFormat.of().formatHex(from.bytes()));
        for (Init packet : packets) {
            command.add(HexFormat.of().formatHex(packet.to().bytes()));
            command.add(HexFormat.of().formatHex(bytes(packet)));
        }
        String said = Lab.output(netns, command.toArray(String[]::new));
        if (!said.equals("sent")) {
            throw new AssertionError("SCTP from " + from + ": " + said);
        }
    }

    /** Tells the number of every packet that has arrived since the last call. */
    void collect(IntConsumer arrived) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet = arena.allocate(256);
            for (Receiver receiver : receivers) {
                while (Libc.receive(receiver.socket(), packet, 0) instanceof Syscall.Ok) {
                    ByteBuffer bytes = packet.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
                    int header = receiver.withHeader() ? (bytes.get(0) & 15) * 4 : 0;
                    arrived.accept(bytes.getInt(header + HEADER + 4));
                }
            }
        }
    }

    private static byte[] bytes(Init packet) {
        ByteBuffer out = ByteBuffer.allocate(HEADER + INIT_BYTES);
        out.putShort((short) (20_000 + packet.number() % 40_000)).putShort((short) packet.port());
        out.putInt(0).putInt(0);
        out.put((byte) 1).put((byte) 0).putShort((short) INIT_BYTES);
        out.putInt(packet.number())
                .putInt(1500)
                .putShort((short) 1)
                .putShort((short) 1)
                .putInt(1);
        CRC32C sum = new CRC32C();
        sum.update(out.array());
        out.order(ByteOrder.LITTLE_ENDIAN).putInt(8, (int) sum.getValue());
        return out.array();
    }

    @Override
    public void close() {
        receivers.forEach(receiver -> Libc.close(receiver.socket()));
    }
}
