package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.DenialLog;
import io.terway.node.policy.Hold;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PodPolicy;
import io.terway.node.policy.PolicyTable;
import io.terway.node.policy.TablePlace;
import io.terway.node.policy.TablePlanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pod that may open raw sockets slips no policy by claiming another's address. */
class OriginPrivilegedIT {

    private static final int PORT = 4000;
    private static final byte FORGED = 'f';
    private static final byte HONEST = 'h';

    private static final List<Ip> POD = ips("10.0.0.1", "fd00::1");
    private static final List<Ip> SERVER = ips("10.0.0.2", "fd00::2");
    private static final List<Ip> OTHER = ips("10.0.0.3", "fd00::3");
    private static final List<Ip> NODE = List.of(PacketLab.NODE, Ip.parse("fd00::9:1"));
    private static final List<Ip> OUTSIDE = ips("203.0.113.7", "2001:db8::7");

    private final PacketLab lab = new PacketLab(3);

    @AfterEach
    void leaveNothing() {
        lab.close();
    }

    @Test
    void aPodReachesNobodyInAnothersName() {
        PacketLab.script(lab.node, "ip -6 addr add fd00::9:1/128 dev lo; ip -6 route add default dev lo");
        write(lab.node, TablePlace.NODE, new Hold.Isolated());

        assertOnlyHonestArrive(List.of(OTHER, NODE, OUTSIDE));
        assertOnlyHonestArrive(List.of(OTHER, NODE, OUTSIDE)); // now the honest one's link and address are known
    }

    @Test
    void withoutTheTableItWouldArrive() throws IOException {
        try (DatagramChannel receiver = receiver(SERVER.getFirst())) {
            new ForgedPacket(OUTSIDE.getFirst(), SERVER.getFirst(), PORT, HONEST)
                    .sendFrom(lab.namespace(POD.getFirst()));

            assertEquals(Set.of(HONEST), heardUntilHonest(receiver));
        }
    }

    @Test
    void alsoWhereNoPodIsUnderPolicy() {
        write(lab.node, TablePlace.NODE, new Hold.Free());

        assertOnlyHonestArrive(List.of(OTHER));
        assertArrives(POD);
        assertArrives(POD); // known by now
        assertOnlyHonestArrive(List.of(OTHER));
    }

    @Test
    void alsoAPodWhoseLinkIsTheVpcs() {
        write(lab.namespace(POD.getFirst()), TablePlace.POD, new Hold.Free());

        assertOnlyHonestArrive(List.of(OTHER, NODE, OUTSIDE));
        assertArrives(POD);
    }

    /** What is sent last and may pass tells that what was sent before would have arrived. */
    private void assertOnlyHonestArrive(List<List<Ip>> claimed) {
        for (int family = 0; family < 2; family++) {
            Ip to = SERVER.get(family);
            try (DatagramChannel receiver = receiver(to)) {
                for (List<Ip> claim : claimed) {
                    new ForgedPacket(claim.get(family), to, PORT, FORGED).sendFrom(lab.namespace(POD.getFirst()));
                }
                new ForgedPacket(OTHER.get(family), to, PORT, HONEST).sendFrom(lab.namespace(OTHER.getFirst()));

                assertEquals(Set.of(HONEST), heardUntilHonest(receiver), to.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void assertArrives(List<Ip> pod) {
        for (int family = 0; family < 2; family++) {
            try (DatagramChannel receiver = receiver(SERVER.get(family))) {
                new ForgedPacket(pod.get(family), SERVER.get(family), PORT, HONEST)
                        .sendFrom(lab.namespace(pod.getFirst()));

                assertEquals(Set.of(HONEST), heardUntilHonest(receiver));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private DatagramChannel receiver(Ip ip) {
        return NetnsThread.call(lab.namespace(ip), () -> {
            try {
                DatagramChannel channel = DatagramChannel.open(
                        ip.family() == Family.IPV4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
                channel.bind(new InetSocketAddress(PORT)).configureBlocking(false);
                return channel;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Set<Byte> heardUntilHonest(DatagramChannel receiver) {
        Set<Byte> heard = new HashSet<>();
        ByteBuffer in = ByteBuffer.allocate(16);
        PacketLab.await(() -> {
            try {
                while (receiver.receive(in.clear()) != null) {
                    heard.add(in.get(0));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return heard.contains(HONEST);
        });
        return heard;
    }

    /** The pod may open no connection, or any, by what its policy says. */
    private static void write(Path netns, TablePlace place, Hold egress) {
        Binding pod = Updates.binding("raw", "10.0.0.1", "fd00::1");
        NodePolicy policy = new NodePolicy(
                Map.of(), Map.of(), List.of(new PodPolicy(pod.pod(), pod.ips(), new Hold.Free(), egress)));
        try (NftKernel kernel = new NftKernel(netns)) {
            NftTable wanted = new PolicyTable(DenialLog.SILENT, place).of(policy);
            TablePlanner.plan(wanted, NftTable.ABSENT).forEach(kernel::apply);
            assertEquals(wanted, kernel.read());
        }
    }

    private static List<Ip> ips(String four, String six) {
        return List.of(Ip.parse(four), Ip.parse(six));
    }
}
