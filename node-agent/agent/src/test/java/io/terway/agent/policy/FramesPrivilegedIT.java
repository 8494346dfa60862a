package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.link.Notice;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.FrameText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pod that has the VPC's own link and may open packet sockets slips its egress policy by no frame. */
class FramesPrivilegedIT {

    private static final int PORT = 4000;
    private static final byte FRAME = 'f';
    private static final byte ORDINARY = 'o';

    private static final List<Ip> POD = List.of(Ip.parse("10.0.0.1"), Ip.parse("fd00::1"));
    private static final List<Ip> SERVER = List.of(Ip.parse("10.0.0.2"), Ip.parse("fd00::2"));
    private static final List<Ip> OTHER = List.of(Ip.parse("10.0.0.3"), Ip.parse("fd00::3"));

    private final PacketLab lab = new PacketLab(3);
    private final List<Notice> notices = new CopyOnWriteArrayList<>();
    private final Path netns = lab.namespace(POD.getFirst());
    private final Binding pod = Updates.binding("raw", netns, "10.0.0.1", "fd00::1");

    @TempDir
    private Path state;

    private PolicyParts parts;

    @BeforeEach
    void start() {
        try (NftKernel kernel = new NftKernel(lab.node)) {
            Assumptions.assumeTrue(kernel.canGuard(), "kernel: nftables has no egress hook");
        }
        // The VPC does not pass the node's stack, so the node's own table is elsewhere; nobody says what binds the pod.
        parts = new PolicyParts(
                new PolicyParts.Settings(
                        new NodeName("node-1"), "kube-system", state, lab.empty("elsewhere"), telling()),
                List::of,
                _ -> null,
                () -> true,
                new SimpleMeterRegistry());
        parts.start(List.of());
        parts.gate().admit(pod, true);
    }

    private Told telling() {
        return new Told(notices::add, _ -> Optional.empty(), false, Optional.empty());
    }

    @AfterEach
    void leaveNothing() {
        if (parts != null) {
            parts.close();
        }
        lab.close();
    }

    @Test
    void withoutTheGuardAFrameWouldArrive() {
        assertEquals(Set.of(FRAME, ORDINARY), heard(POD, false), "past the table that isolates the pod");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noFrameLeavesTheLinkNotEvenPastItsQueue(boolean pastTheQueue) {
        parts.gate().connected(pod);

        assertEquals(Set.of(ORDINARY), heard(POD, pastTheQueue));
        assertEquals(Set.of(ORDINARY), heard(OTHER, pastTheQueue), "in another's name neither");
    }

    @Test
    void whatPolicyLetsPassPasses() {
        parts.gate().connected(pod);

        // Neighbour discovery and address resolution begin anew, and the pod answers its node.
        PacketLab.script(netns, "ip neigh flush all");
        PacketLab.script(lab.node, "ip neigh flush all");
        assertNotNull(PacketLab.script(lab.node, "ping -c1 -W5 10.0.0.1 && ping -6 -c1 -W5 fd00::1"));
    }

    @Test
    void aPodThatTakesTheGuardAwayGetsItBackAndIsToldOf() {
        parts.gate().connected(pod);
        assertTrue(guarded());

        PacketLab.await(() -> {
            PacketLab.script(netns, "nft delete table netdev terway");
            return PacketLab.await(this::guarded) && !notices.isEmpty();
        });

        assertEquals("PolicyTampered", notices.getFirst().reason());
        assertEquals(
                Notice.Subject.pod(pod.pod().ref(), pod.pod().uid()),
                notices.getFirst().subject());
    }

    @Test
    void aPodThatBehavesIsNotAccused() {
        parts.gate().connected(pod);
        lab.forgetConnections();
        parts.gate().connected(pod); // an ADD that is repeated; what was seen before it has been judged by then

        heard(POD, false);
        parts.gate().connected(pod);

        assertEquals(List.of(), notices);
    }

    @Test
    void aPodThatPolicyIsSwitchedOffForHasNone() {
        parts.gate().connected(pod);
        parts.close();

        parts = new PolicyParts(
                new PolicyParts.Settings(new NodeName("node-1"), "kube-system", state, lab.empty("elsewhere2")),
                List::of,
                _ -> null,
                () -> false,
                new SimpleMeterRegistry());
        parts.start(List.of(pod));

        assertTrue(PacketLab.await(() -> !guarded()));
        assertFalse(Lab.output(netns, "nft", "list", "tables").contains("terway"));
    }

    private boolean guarded() {
        return Lab.output(netns, "nft", "list", "tables").contains(FrameText.TABLE);
    }

    /** What is sent last and may pass tells that what was sent before would have arrived. */
    private Set<Byte> heard(List<Ip> claimed, boolean pastTheQueue) {
        String mac = PacketLab.script(lab.node, "ip -br link show cali1").split("\\s+")[2];
        Set<Byte> heard = new HashSet<>();
        for (int family = 0; family < 2; family++) {
            Ip to = SERVER.get(family);
            try (DatagramChannel receiver = receiver(to)) {
                new ForgedPacket(claimed.get(family), to, PORT, FRAME).sendAsFrame(netns, mac, pastTheQueue);
                new ForgedPacket(OTHER.get(family), to, PORT, ORDINARY).sendFrom(lab.namespace(OTHER.getFirst()));
                collectUntilOrdinary(receiver, heard);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return heard;
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

    private static void collectUntilOrdinary(DatagramChannel receiver, Set<Byte> heard) {
        Set<Byte> now = new HashSet<>();
        ByteBuffer in = ByteBuffer.allocate(16);
        assertTrue(PacketLab.await(() -> {
            try {
                while (receiver.receive(in.clear()) != null) {
                    now.add(in.get(0));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return now.contains(ORDINARY);
        }));
        heard.addAll(now);
    }
}
