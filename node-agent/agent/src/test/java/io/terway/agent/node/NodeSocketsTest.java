package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.node.NodeSockets.Open;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.hostport.HostPort;
import io.terway.node.policy.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeSocketsTest {

    private static final String HEAD = "  sl  local_address rem_address   st tx_queue rx_queue";

    private static Open open(String address, int port) {
        return new Open(Transport.TCP, Ip.parse(address), port);
    }

    private static HostPort everywhere(Family family) {
        return HostPort.everywhere(Transport.TCP, family, 8080, 80);
    }

    @Test
    void readsTheKernelsTables() {
        List<String> lines = List.of(
                HEAD,
                "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1",
                "   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1",
                "   2: 0100007F:1F91 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 3 1",
                "torn");

        assertEquals(
                List.of(open("127.0.0.1", 8080), open("0.0.0.0", 22)), NodeSockets.parse(lines, Transport.TCP, "0A"));
        assertEquals(
                List.of(open("127.0.0.1", 80)),
                NodeSockets.parse(
                        List.of(HEAD, " 0: 0000000000000000FFFF00000100007F:0050 0:0 0A"), Transport.TCP, "0A"),
                "an address of IPv4 at a socket of IPv6");
        assertEquals(
                List.of(open("fd00::1", 80)),
                NodeSockets.parse(
                        List.of(HEAD, " 0: 000000FD000000000000000001000000:0050 0:0 0A"), Transport.TCP, "0A"));
    }

    @Test
    void aSocketMeetsTheHostPortsWhosePacketsItWouldGet() {
        assertTrue(open("0.0.0.0", 8080).isAt(everywhere(Family.IPV4)));
        assertTrue(open("::", 8080).isAt(everywhere(Family.IPV6)));
        assertTrue(open("::", 8080).isAt(everywhere(Family.IPV4)), "unless it is for IPv6 only, which cannot be seen");
        assertTrue(open("10.0.0.10", 8080).isAt(everywhere(Family.IPV4)));
        assertTrue(open("10.0.0.10", 8080)
                .isAt(new HostPort(Transport.TCP, Cidr.single(Ip.parse("10.0.0.10")), 8080, 80)));

        assertFalse(open("0.0.0.0", 8080).isAt(everywhere(Family.IPV6)));
        assertFalse(open("0.0.0.0", 8081).isAt(everywhere(Family.IPV4)));
        assertFalse(open("0.0.0.0", 8080).isAt(HostPort.everywhere(Transport.UDP, Family.IPV4, 8080, 80)));
        assertFalse(open("10.0.0.10", 8080)
                .isAt(new HostPort(Transport.TCP, Cidr.single(Ip.parse("10.0.0.11")), 8080, 80)));
    }

    @Test
    void findsAProcessThatListens() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HostPort taken = HostPort.everywhere(Transport.TCP, Family.IPV4, server.getLocalPort(), 80);
            HostPort free = HostPort.everywhere(Transport.UDP, Family.IPV4, server.getLocalPort(), 80);

            assertTrue(
                    NodeSockets.at(Path.of("/proc/self/ns/net"), List.of(taken)).isPresent());
            assertTrue(
                    NodeSockets.at(Path.of("/proc/self/ns/net"), List.of(free)).isEmpty());
        }
    }
}
