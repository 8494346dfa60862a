package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.linux.bpf.Assembly;
import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Packet;
import io.terway.linux.bpf.Program;
import io.terway.linux.netlink.BpfFilter;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.Lab;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Trunk members by tags on the trunk's link, with packets: the VPC takes and sends only tagged ones. */
class TrunkTagPrivilegedIT {

    private OneNode node;
    private DatapathApplier applier;
    private PodAttachment pod;

    @BeforeEach
    void start() {
        TaggedVpc.requireBpf();
        node = new OneNode();
        applier = DatapathApplier.open(node.host);
        pod = OneNode.connected(node.pod("a", 11), TaggedVpc.MEMBER_OF_TRUNK, Reach.NOTHING);
        TaggedVpc.speakTaggedOnly(node, pod);
    }

    @AfterEach
    void stop() {
        if (applier != null) {
            applier.close();
        }
        if (node != null) {
            node.close();
        }
    }

    @Test
    void aMembersPacketsBearItsTagBothWays() {
        plumb();

        for (var ip : pod.addresses()) {
            OneNode.talk(pod.netns(), node.vpc, OneNode.ENI.gateway(ip.family()).orElseThrow());
            OneNode.talk(node.vpc, pod.netns(), ip);
        }
        assertEquals(new CheckResult.Intact(), applier.check(pod));
        assertEquals(0, plumb().stages().operations());
    }

    @Test
    void tagsOutliveTheAgentAndTheNextOneFindsThem() {
        plumb();
        applier.close();

        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        applier = DatapathApplier.open(node.host);

        assertEquals(new CheckResult.Intact(), applier.check(pod));
        applier.del(pod.key(), pod.pod(), pod.netns(), pod.addresses());
        plumb();
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
    }

    @Test
    void aDelTakesTheTagAway() {
        plumb();

        applier.del(pod.key(), pod.pod(), pod.netns(), pod.addresses());

        PodAttachment shared =
                OneNode.connected(node.pod("b", 11), new Connection.PolicyRoute(OneNode.ENI), Reach.NOTHING);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(shared));
        // The VPC of this test takes tagged packets only.
        assertThrows(
                UncheckedIOException.class, () -> OneNode.talk(shared.netns(), node.vpc, OneNode.V4.vSwitchGateway()));
    }

    @Test
    void largeSegmentsBearTheTagToo() throws Exception {
        plumb();
        for (var ip : pod.addresses()) {
            var gateway = OneNode.ENI.gateway(ip.family()).orElseThrow();
            try (Echo out = Echo.direct(pod.netns(), node.vpc, gateway)) {
                out.bulk(4 << 20);
            }
            try (Echo in = Echo.direct(node.vpc, pod.netns(), ip)) {
                in.bulk(4 << 20);
            }
        }
    }

    @Test
    void whatBearsAnotherMembersTagIsDropped() {
        plumb();
        TaggedVpc.sendWithAnotherTag(node);

        assertThrows(
                UncheckedIOException.class,
                () -> OneNode.talk(node.vpc, pod.netns(), pod.addresses().getFirst()));
    }

    static Stream<String> damages() {
        return Stream.of(
                "tc filter del dev eth1 egress pref 50001",
                "tc filter del dev eth1 ingress pref 20000",
                "tc qdisc del dev eth1 clsact");
    }

    @ParameterizedTest
    @MethodSource("damages")
    void checkFindsDamageAndAddRepairsIt(String damage) {
        plumb();
        assertEquals("", Lab.output(node.host, damage.split(" ")));

        assertDamagedAndRepaired();
    }

    private void assertDamagedAndRepaired() {
        assertInstanceOf(CheckResult.Differs.class, applier.check(pod));
        assertEquals(Set.of(pod.key()), applier.quickLook(List.of(pod)).pods());
        plumb();

        assertEquals(new CheckResult.Intact(), applier.check(pod));
        assertEquals(Set.of(), applier.quickLook(List.of(pod)).pods());
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        OneNode.talk(node.vpc, pod.netns(), pod.addresses().getFirst());
    }

    /** As with bpftool: the kernel announces nothing. */
    @Test
    void aTagThatIsTakenOutOfTheMapIsSeenByALookAndComesBack() {
        plumb();
        try (RouteSocket host = RouteSocket.open(node.host)) {
            int link = host.link("eth1").orElseThrow().index();
            int program = host.filters(link, BpfFilter.Hook.EGRESS).getFirst().programId();
            try (BpfMap map = BpfMap.ofProgram(program, TrunkProgram.KEY_BYTES, TrunkProgram.VALUE_BYTES)
                    .orElseThrow()) {
                map.keys().forEach(map::delete);
            }
        }

        assertDamagedAndRepaired();
    }

    /** Another's program in the place of ours. */
    @Test
    void aProgramThatIsReplacedIsSeenByALookAndComesBack() {
        plumb();
        try (RouteSocket host = RouteSocket.open(node.host);
                Program other = Program.load("other", new Assembly().exit(Packet.PASS))) {
            int link = host.link("eth1").orElseThrow().index();
            host.execute(
                    BpfFilter.of(link, BpfFilter.Hook.EGRESS, 50001, "other").replace(other.fd()));
        }

        assertDamagedAndRepaired();
    }

    private AddResult.Plumbed plumb() {
        return assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
    }
}
