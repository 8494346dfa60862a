package io.terway.agent.node;

import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.hostport.HostPort;
import io.terway.node.policy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** At which ports processes of the node itself can be reached, as the kernel's tables of sockets say. */
final class NodeSockets {

    private static final Path TABLES = Path.of("/proc/thread-self/net");
    private static final byte[] MAPPED = HexFormat.of().parseHex("00000000000000000000ffff");
    private static final String LISTENS = "0A";

    /** Of a datagram socket: bound, and connected to nobody. */
    private static final String UNCONNECTED = "07";

    private NodeSockets() {}

    /** A socket that packets from anybody reach. */
    record Open(Transport transport, Ip address, int port) {

        /** True when a packet to the host port would reach this socket, if it were not led to a pod. */
        boolean isAt(HostPort hostPort) {
            return transport == hostPort.transport()
                    && port == hostPort.port()
                    && (isForAll(hostPort.family())
                            || address.family() == hostPort.family()
                                    && hostPort.at().contains(address));
        }

        /** A socket of IPv6 that is open at every address is at those of IPv4 too, unless its owner forbids it. */
        private boolean isForAll(Family family) {
            return isEverywhere() && (address.family() == family || address.family() == Family.IPV6);
        }

        private boolean isEverywhere() {
            return address.equals(new Ip(address.family(), 0, 0));
        }

        @Override
        public String toString() {
            return transport + " port " + port + " of " + (isEverywhere() ? "every address" : address.toString());
        }
    }

    /** The first one of a node that is at one of the ports. */
    static Optional<Open> at(Path host, List<HostPort> ports) {
        return NetnsThread.call(
                host,
                () -> Stream.of(
                                open("tcp", Transport.TCP, LISTENS),
                                open("tcp6", Transport.TCP, LISTENS),
                                open("udp", Transport.UDP, UNCONNECTED),
                                open("udp6", Transport.UDP, UNCONNECTED))
                        .flatMap(List::stream)
                        .filter(socket -> ports.stream().anyMatch(socket::isAt))
                        .findFirst());
    }

    private static List<Open> open(String table, Transport transport, String state) {
        try {
            return parse(Files.readAllLines(TABLES.resolve(table)), transport, state);
        } catch (IOException | UncheckedIOException absent) {
            return List.of(); // a kernel without this family
        }
    }

    /** Lines like {@code 0: 0100007F:1F90 00000000:0000 0A ...}: local address and port, remote ones, state. */
    static List<Open> parse(List<String> lines, Transport transport, String state) {
        return lines.stream()
                .skip(1)
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 3 && words[3].equals(state))
                .map(words -> words[1].split(":"))
                .map(local -> new Open(transport, address(local[0]), Integer.parseInt(local[1], 16)))
                .toList();
    }

    /** Words of 32 bits, each in the order of the machine's bytes. */
    private static Ip address(String hex) {
        ByteBuffer words = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        ByteBuffer address = ByteBuffer.allocate(words.capacity()).order(ByteOrder.nativeOrder());
        while (words.hasRemaining()) {
            address.putInt(words.getInt());
        }
        return unmapped(address.array());
    }

    /** A socket of IPv6 that is bound to an address of IPv4, as Java's are, says so by ::ffff and that address. */
    private static Ip unmapped(byte[] bytes) {
        boolean mapped =
                bytes.length == MAPPED.length + 4 && Arrays.equals(bytes, 0, MAPPED.length, MAPPED, 0, MAPPED.length);
        return Ip.of(mapped ? Arrays.copyOfRange(bytes, MAPPED.length, bytes.length) : bytes);
    }
}
