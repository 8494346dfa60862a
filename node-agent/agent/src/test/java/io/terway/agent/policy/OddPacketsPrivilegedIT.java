package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.Action;
import io.terway.node.policy.DenialLog;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Hold;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PeerMatch;
import io.terway.node.policy.PodPolicy;
import io.terway.node.policy.PolicyProgram;
import io.terway.node.policy.PolicySet;
import io.terway.node.policy.PolicyTable;
import io.terway.node.policy.PortSpan;
import io.terway.node.policy.ProgramRule;
import io.terway.node.policy.TablePlace;
import io.terway.node.policy.TablePlanner;
import io.terway.node.policy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Packets that are not the first of a connection to a port, and what a table that forgot them would do: the server takes
 * UDP and TCP 80 from the client, and may open nothing itself.
 */
class OddPacketsPrivilegedIT {

    private static final List<Ip> CLIENT = List.of(Ip.parse("10.0.0.1"), Ip.parse("fd00::1"));
    private static final List<Ip> SERVER = List.of(Ip.parse("10.0.0.2"), Ip.parse("fd00::2"));
    private static final int OPEN = 80;
    private static final int SHUT = 81;

    /** More than a link takes at once. */
    private static final int LARGE = 4_000;

    private final PacketLab lab = new PacketLab(2);

    @AfterEach
    void leaveNothing() {
        lab.close();
    }

    @Test
    void anErrorAboutAnAcceptedConnectionComesBackFromAPodThatMayOpenNothing() throws IOException {
        enforce(lab.node, TablePlace.NODE, new Hold.Free());
        for (int family = 0; family < 2; family++) {
            try (DatagramChannel client = client(family, OPEN)) {
                assertTrue(PacketLab.await(() -> isRefused(client)), "nobody listens, and that is told");
            }
        }
        assertNull(lab.onHost(SERVER.getFirst(), "ping -c1 -W1 10.0.0.1"), "what it sends of its own is dropped");
    }

    @Test
    void anErrorAboutADeniedConnectionTellsNothing() throws IOException {
        enforce(lab.node, TablePlace.NODE, new Hold.Free());
        for (int family = 0; family < 2; family++) {
            try (DatagramChannel shut = client(family, SHUT);
                    DatagramChannel open = client(family, OPEN)) {
                assertTrue(PacketLab.await(() -> {
                    assertFalse(isRefused(shut), "it never arrived");
                    return isRefused(open);
                }));
            }
        }
    }

    @Test
    void aDatagramInPiecesIsJudgedByItsPort() throws IOException {
        enforce(lab.node, TablePlace.NODE, new Hold.Free());
        for (int family = 0; family < 2; family++) {
            try (DatagramChannel onOpen = server(family, OPEN);
                    DatagramChannel onShut = server(family, SHUT);
                    DatagramChannel toOpen = client(family, OPEN);
                    DatagramChannel toShut = client(family, SHUT)) {
                assertTrue(PacketLab.await(() -> {
                    send(toShut);
                    send(toOpen);
                    return receive(onOpen) == LARGE;
                }));
                assertEquals(0, receive(onShut));
            }
        }
    }

    @Test
    void aSenderThatMaySendDoesNotOpenTheReceiver() {
        lab.listen(OPEN, SHUT);
        enforce(lab.node, TablePlace.NODE, new Hold.ByProgram("e1"));
        for (int family = 0; family < 2; family++) {
            var open = new PacketLab.Attempt(CLIENT.get(family), SERVER.get(family), Transport.TCP, OPEN);
            var shut = new PacketLab.Attempt(CLIENT.get(family), SERVER.get(family), Transport.TCP, SHUT);

            assertEquals(Set.of(open), lab.passing(List.of(open, shut), open::equals));
        }
    }

    @Test
    void aPodThatIsJudgedInsideAndMaySendNothingIsFoundByItsNode() throws IOException {
        Path pod = lab.namespace(SERVER.getFirst());
        enforce(pod, TablePlace.POD, new Hold.Free());
        PacketLab.script(pod, "ip -6 neigh flush dev eth0");
        PacketLab.script(lab.node, "ip -6 neigh flush dev cali2");

        // Its advertisement is a packet of its own, from its judged address.
        try (DatagramChannel client = client(1, OPEN)) {
            assertTrue(PacketLab.await(() -> isRefused(client)), "its answer comes back");
        }
        assertNull(lab.onHost(SERVER.getFirst(), "ping -6 -c1 -W1 fd00::1"), "and nothing else");
    }

    /** @param client what holds the client's egress */
    private void enforce(Path netns, TablePlace place, Hold client) {
        List<PortSpan> ports =
                List.of(new PortSpan(Transport.TCP, OPEN, OPEN), new PortSpan(Transport.UDP, OPEN, OPEN));
        PolicyProgram takes = program(
                "b1",
                Direction.INGRESS,
                new ProgramRule(
                        "shop/p", 0, Action.ACCEPT, false, List.of(PeerMatch.in("a1")), false, ports, List.of()));
        PolicyProgram sends = program(
                "e1",
                Direction.EGRESS,
                new ProgramRule("shop/p", 1, Action.ACCEPT, true, List.of(), true, List.of(), List.of()));
        Binding from = Updates.binding("client", "10.0.0.1", "fd00::1");
        Binding to = Updates.binding("server", "10.0.0.2", "fd00::2");
        NodePolicy policy = new NodePolicy(
                Map.of("a1", new PolicySet.Addresses("a1", Set.copyOf(CLIENT))),
                Map.of("b1", takes, "e1", sends),
                List.of(
                        new PodPolicy(from.pod(), from.ips(), new Hold.Free(), client),
                        new PodPolicy(to.pod(), to.ips(), new Hold.ByProgram("b1"), new Hold.Isolated())));
        try (NftKernel kernel = new NftKernel(netns)) {
            NftTable wanted = new PolicyTable(DenialLog.SILENT, place).of(policy);
            TablePlanner.plan(wanted, NftTable.ABSENT).forEach(kernel::apply);
        }
    }

    private static PolicyProgram program(String id, Direction direction, ProgramRule rule) {
        return new PolicyProgram(id, direction, List.of(), true, List.of(rule), List.of(), List.of("shop/p"));
    }

    private DatagramChannel client(int family, int port) {
        return NetnsThread.call(lab.namespace(CLIENT.get(family)), () -> {
            try {
                DatagramChannel channel = open(family);
                channel.bind(PacketLab.socket(CLIENT.get(family), 0));
                channel.connect(PacketLab.socket(SERVER.get(family), port));
                return channel;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private DatagramChannel server(int family, int port) {
        return NetnsThread.call(lab.namespace(SERVER.get(family)), () -> {
            try {
                DatagramChannel channel = open(family);
                channel.bind(PacketLab.socket(SERVER.get(family), port));
                return channel;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static DatagramChannel open(int family) throws IOException {
        DatagramChannel channel = DatagramChannel.open(
                SERVER.get(family).family() == Family.IPV4
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6);
        channel.configureBlocking(false);
        return channel;
    }

    /** Sends one more; true when an ICMP error has come for one before. */
    private static boolean isRefused(DatagramChannel channel) {
        try {
            channel.write(ByteBuffer.allocate(1));
            return channel.read(ByteBuffer.allocate(1)) > 0;
        } catch (PortUnreachableException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void send(DatagramChannel channel) {
        try {
            channel.write(ByteBuffer.allocate(LARGE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of the next datagram; 0 when there is none. */
    private static int receive(DatagramChannel channel) {
        try {
            ByteBuffer in = ByteBuffer.allocate(2 * LARGE);
            return channel.receive(in) == null ? 0 : in.position();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
